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
        doctor_code,
        dept_code,
        start_time,
        status,
        coalesce(is_discharge_drug, false) as is_discharge_drug,
        _batch_id as batch_id
    from latest
)

select * from typed
