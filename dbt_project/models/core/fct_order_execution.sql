-- Grain: one execution of an order that was carried out.
-- Rule: planned and cancelled executions did not happen; the item is that of the order, a drug's or a service's.
with executions as (
    select * from {{ ref('stg_his__order_exec') }}
    where status = 'executed' and exec_time is not null
),

orders as (
    select * from {{ ref('stg_his__order') }}
),

described as (
    select
        executions.org_code,
        executions.exec_id,
        executions.order_id,
        executions.adm_id,
        orders.order_kind,
        coalesce(orders.drug_code, orders.item_code) as item_code,
        executions.exec_time,
        cast(executions.exec_time as date) as exec_date,
        {{ month_of('executions.exec_time') }} as exec_month,
        executions.exec_qty,
        executions.batch_id
    from executions
    left join orders
        on
            executions.org_code = orders.org_code
            and executions.order_id = orders.order_id
)

select * from described
