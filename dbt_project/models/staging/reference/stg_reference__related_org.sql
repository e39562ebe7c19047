-- Grain: one relation between two companies. Source: land.dim_related_org.
with latest as (
    {{ latest_version('dim_related_org', ['uscc_a', 'uscc_b', 'relation']) }}
),

typed as (
    select
        org_code,
        uscc_a,
        uscc_b,
        relation,
        _batch_id as batch_id
    from latest
)

select * from typed
