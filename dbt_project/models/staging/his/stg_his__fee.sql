-- Grain: one fee line; a reversal is a line of its own with negative quantity that names its original.
-- Source: land.his_fee.
with latest as (
    {{ latest_version('his_fee', ['fee_id']) }}
),

typed as (
    select
        org_code,
        fee_id,
        nullif(trim(orig_fee_id), '') as orig_fee_id,
        {{ has_text('orig_fee_id') }} as is_reversal,
        encounter_type,
        encounter_id,
        patient_id,
        fee_time,
        cast(fee_time as date) as service_date,
        {{ month_of('fee_time') }} as service_month,
        item_kind,
        item_code,
        item_name,
        nullif(trim(med_list_codg), '') as med_list_codg,
        item_category,
        cast(qty as numeric(18, 4)) as qty,
        unit,
        cast(unit_price as numeric(18, 6)) as unit_price,
        cast(amount as numeric(18, 2)) as amount,
        nullif(trim(rx_item_id), '') as rx_item_id,
        nullif(trim(order_exec_id), '') as order_exec_id,
        coalesce(is_auto_billed, false) as is_auto_billed,
        nullif(trim(order_id), '') as order_id,
        nullif(trim(surgery_id), '') as surgery_id,
        bill_dept_code as dept_code,
        bill_doctor_code as doctor_code,
        operator_code,
        nullif(trim(feedetl_sn), '') as feedetl_sn,
        coalesce(hi_uploaded, false) as hi_uploaded,
        nullif(trim(settle_id), '') as settle_id,
        nullif(trim(udi), '') as udi,
        _batch_id as batch_id
    from latest
)

select * from typed
