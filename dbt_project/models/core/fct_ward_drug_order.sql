{{ config(materialized='view') }}

-- Grain: one drug order of an inpatient stay that was not cancelled.
with orders as (
    select * from {{ ref('stg_his__order') }}
    where order_kind = 'drug' and status <> 'cancelled'
),

drugs as (
    select * from {{ ref('dim_drug') }}
),

described as (
    select
        orders.org_code,
        orders.order_id,
        orders.adm_id,
        orders.doctor_code,
        orders.dept_code,
        orders.drug_code,
        drugs.generic_name,
        drugs.antibac_class,
        drugs.is_systemic_antibacterial,
        orders.start_time,
        {{ month_of('orders.start_time') }} as order_month,
        orders.is_discharge_drug,
        orders.batch_id
    from orders
    left join drugs
        on
            drugs.org_code = orders.org_code
            and drugs.drug_code = orders.drug_code
)

select * from described
