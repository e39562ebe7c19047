-- Grain: one fee line that names an operation. The same rows as in stg_his__fee, found without reading the others.
-- Source: land.his_fee.
with surgery_keys as (
    select distinct
        org_code,
        fee_id
    from {{ source('land', 'his_fee') }}
    where surgery_id is not null
),

latest as (
    {{ latest_version('his_fee', ['fee_id'], among='surgery_keys') }}
),

typed as (
    select
        org_code,
        fee_id,
        nullif(trim(surgery_id), '') as surgery_id,
        _batch_id as batch_id
    from latest
),

named as (
    select * from typed
    where surgery_id is not null
)

select * from named
