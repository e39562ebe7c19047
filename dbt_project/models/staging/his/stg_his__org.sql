-- Grain: one hospital. Source: land.his_org.
with latest as (
    {{ latest_version('his_org', []) }}
),

typed as (
    select
        org_code,
        org_name,
        org_level,
        org_type,
        district_code,
        nullif(trim(group_code), '') as group_code,
        beds_open,
        coalesce(is_public, false) as is_public,
        _batch_id as batch_id
    from latest
)

select * from typed
