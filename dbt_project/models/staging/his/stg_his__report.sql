-- Grain: one report of an examination, laboratory test or pathology. Source: land.his_report.
with latest as (
    {{ latest_version('his_report', ['report_id']) }}
),

typed as (
    select
        org_code,
        report_id,
        report_kind,
        encounter_type,
        encounter_id,
        nullif(trim(order_id), '') as order_id,
        nullif(trim(item_code), '') as item_code,
        nullif(trim(item_name), '') as item_name,
        sample_time,
        exec_time,
        report_time,
        status,
        _batch_id as batch_id
    from latest
)

select * from typed
