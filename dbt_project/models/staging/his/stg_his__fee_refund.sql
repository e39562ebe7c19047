-- Grain: one fee line that takes something back, or that such a line names. The same rows as in stg_his__fee,
-- found without reading the others.
-- Source: land.his_fee.
with refunds as (
    select
        org_code,
        fee_id,
        nullif(trim(orig_fee_id), '') as orig_fee_id
    from {{ source('land', 'his_fee') }}
    where orig_fee_id is not null or qty < 0
),

refund_keys as (
    select
        org_code,
        fee_id
    from refunds
    union
    select
        org_code,
        orig_fee_id as fee_id
    from refunds
    where orig_fee_id is not null
),

latest as (
    {{ latest_version('his_fee', ['fee_id'], among='refund_keys') }}
),

typed as (
    select
        org_code,
        fee_id,
        nullif(trim(orig_fee_id), '') as orig_fee_id,
        {{ has_text('orig_fee_id') }} as is_reversal,
        encounter_id,
        fee_time,
        {{ month_of('fee_time') }} as service_month,
        item_kind,
        item_code,
        item_name,
        unit,
        bill_dept_code as dept_code,
        bill_doctor_code as doctor_code,
        nullif(trim(udi), '') as udi,
        cast(qty as numeric(18, 4)) as qty,
        cast(amount as numeric(18, 2)) as amount,
        _batch_id as batch_id
    from latest
)

select * from typed
