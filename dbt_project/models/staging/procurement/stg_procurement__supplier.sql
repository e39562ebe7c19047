-- Grain: one supplier as an organisation knows it. Source: land.pr_supplier.
with latest as (
    {{ latest_version('pr_supplier', ['supplier_code']) }}
),

typed as (
    select
        org_code,
        supplier_code,
        nullif(trim(uscc), '') as uscc,
        supplier_name,
        supplier_kind,
        bank_account_key,
        legal_rep_key,
        phone_key,
        _batch_id as batch_id
    from latest
)

select * from typed
