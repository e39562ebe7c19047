-- Grain: one execution of an order, planned or done. Source: land.his_order_exec.
with latest as (
    {{ latest_version('his_order_exec', ['exec_id']) }}
),

typed as (
    select
        org_code,
        exec_id,
        order_id,
        adm_id,
        plan_time,
        exec_time,
        cast(exec_qty as numeric(18, 4)) as exec_qty,
        status,
        _batch_id as batch_id
    from latest
)

select * from typed
