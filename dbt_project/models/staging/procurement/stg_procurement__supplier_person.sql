-- Grain: one person in one role at a supplier. Source: land.pr_supplier_person.
with latest as (
    {{ latest_version('pr_supplier_person', ['supplier_code', 'person_key', 'role']) }}
),

typed as (
    select
        org_code,
        supplier_code,
        person_key,
        role,
        cast(share_pct as numeric(7, 4)) as share_pct,
        valid_from,
        valid_to,
        _batch_id as batch_id
    from latest
)

select * from typed
