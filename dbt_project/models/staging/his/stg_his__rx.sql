-- Grain: one prescription. Source: land.his_rx.
with latest as (
    {{ latest_version('his_rx', ['rx_id']) }}
),

typed as (
    select
        org_code,
        rx_id,
        visit_id,
        patient_id,
        rx_kind,
        doctor_code,
        dept_code,
        rx_time,
        {{ month_of('rx_time') }} as rx_month,
        coalesce(long_term_flag, false) as long_term_flag,
        nullif(trim(extend_reason), '') as extend_reason,
        status,
        _batch_id as batch_id
    from latest
)

select * from typed
