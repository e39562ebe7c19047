-- Grain: one order of an inpatient stay. Source: land.his_order.
with latest as (
    {{ latest_version('his_order', ['order_id']) }}
),

typed as (
    select
        org_code,
        order_id,
        adm_id,
        order_kind,
        drug_code,
        nullif(trim(item_code), '') as item_code,
        doctor_code,
        dept_code,
        cast(dose as numeric(18, 6)) as dose,
        nullif(trim(dose_unit), '') as dose_unit,
        nullif(upper(trim(freq_code)), '') as freq_code,
        cast(freq_per_day as numeric(18, 4)) as freq_per_day,
        start_time,
        status,
        coalesce(is_discharge_drug, false) as is_discharge_drug,
        _batch_id as batch_id
    from latest
)

select * from typed
