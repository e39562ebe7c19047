-- Grain: one query against the hospital's system. Source: land.his_access_log.
with latest as (
    {{ latest_version('his_access_log', ['log_id']) }}
),

typed as (
    select
        org_code,
        log_id,
        log_time,
        nullif(trim(account), '') as account,
        nullif(trim(staff_code), '') as staff_code,
        nullif(trim(app), '') as app,
        nullif(trim(object_name), '') as object_name,
        cast(row_count as bigint) as row_count,
        coalesce(exported, false) as is_exported,
        coalesce(touches_doctor, false) as touches_doctor,
        coalesce(touches_drug_qty, false) as touches_drug_qty,
        _batch_id as batch_id
    from latest
)

select * from typed
