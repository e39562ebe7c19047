{{ config(materialized='view') }}

-- Grain: one order of an inpatient stay that was not cancelled, of whatever kind.
-- Rule: an order counts whether or not executions are sent: not every hospital's system keeps them.
with orders as (
    select * from {{ ref('stg_his__order') }}
    where coalesce(status, 'active') <> 'cancelled'
),

described as (
    select
        org_code,
        order_id,
        adm_id,
        order_kind,
        coalesce(drug_code, item_code) as item_code,
        doctor_code,
        dept_code,
        start_time,
        batch_id
    from orders
)

select * from described
