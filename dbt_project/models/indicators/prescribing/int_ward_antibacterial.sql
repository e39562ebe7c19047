-- Grain: one order of a systemic antibacterial that was executed in a stay that has ended; no discharge drugs.
-- Rule: prophylactic if its first dose lies within RX05.prophylaxis_window of the stay's first clean operation
-- (class of incision 1), from its beginning back and from its end on. is_beyond: a dose after the usual hours
-- from the end of the operation (RX05.class1_prophylaxis_hours); is_beyond_own: after those of its kind.
-- Source: core.fct_ward_drug_order, core.fct_order_execution, core.fct_fee_line, core.fct_ward_stay,
-- int_clean_operation.
with orders as (
    select * from {{ ref('fct_ward_drug_order') }}
    where is_systemic_antibacterial and not is_discharge_drug
),

stays as (
    select * from {{ ref('fct_ward_stay') }}
    where dscg_month is not null
),

operations as (
    select * from {{ ref('int_clean_operation') }}
),

executed as (
    select
        orders.org_code,
        orders.order_id,
        orders.adm_id,
        orders.antibac_class,
        min(executions.exec_time) as first_time,
        max(executions.exec_time) as last_time
    from orders
    inner join {{ ref('fct_order_execution') }} as executions
        on
            executions.org_code = orders.org_code
            and executions.order_id = orders.order_id
    group by orders.org_code, orders.order_id, orders.adm_id, orders.antibac_class
),

charges as (
    select
        orders.org_code,
        orders.order_id,
        sum(lines.net_amount) as amount,
        sum(lines.net_amount * coalesce(shares.insured_share, 0)) as insured_amount
    from orders
    inner join {{ ref('fct_fee_line') }} as lines
        on
            lines.org_code = orders.org_code
            and lines.order_id = orders.order_id
            and lines.encounter_type = 'I'
            and lines.item_kind = 'drug'
    left join {{ ref('int_insured_share') }} as shares
        on
            shares.org_code = lines.org_code
            and shares.fee_id = lines.fee_id
    group by orders.org_code, orders.order_id
),

described as (
    select
        executed.org_code,
        executed.order_id,
        executed.adm_id,
        executed.antibac_class,
        executed.first_time,
        executed.last_time,
        stays.dept_code,
        stays.dscg_month,
        coalesce(
            executed.first_time between operations.window_start and operations.window_end, false
        ) as is_prophylactic,
        coalesce(executed.last_time > operations.usual_end, false) as is_beyond,
        coalesce(executed.last_time > operations.own_end, false) as is_beyond_own,
        cast(coalesce(charges.amount, 0) as numeric(18, 2)) as amount,
        cast(coalesce(charges.insured_amount, 0) as numeric(18, 4)) as insured_amount
    from executed
    inner join stays
        on
            stays.org_code = executed.org_code
            and stays.adm_id = executed.adm_id
    left join charges
        on
            charges.org_code = executed.org_code
            and charges.order_id = executed.order_id
    left join operations
        on
            operations.org_code = executed.org_code
            and operations.adm_id = executed.adm_id
)

select * from described
