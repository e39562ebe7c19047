-- Grain: identity DQ1 by organisation and month of settlement.
-- Rule: the net lines of a counted insurance settlement add up to its total. A settlement without any line
-- is judged only where the organisation's lines of that month have arrived at all.
-- Source: core.fct_insurance_settlement, core.fct_insurance_line, core.source_availability.
with settlements as (
    select * from {{ ref('fct_insurance_settlement') }}
    where is_counted
),

lines as (
    select
        org_code,
        setl_id,
        sum(net_amount) as amount
    from {{ ref('fct_insurance_line') }}
    where setl_id is not null
    group by org_code, setl_id
),

availability as (
    select * from {{ ref('source_availability') }}
    where table_name = 'yb_fee_list_d'
),

checked as (
    select
        settlements.org_code,
        settlements.setl_month as period_month,
        settlements.setl_id as row_key,
        case
            when lines.setl_id is null and availability.org_code is null then null
            else abs(settlements.amount - coalesce(lines.amount, 0)) <= tolerance.value
        end as holds,
        'missing_table:yb_fee_list_d' as reason
    from settlements
    left join lines
        on
            settlements.org_code = lines.org_code
            and settlements.setl_id = lines.setl_id
    left join availability
        on
            settlements.org_code = availability.org_code
            and settlements.setl_month = availability.month_start
    {{ threshold_join('tolerance', 'DQ1', 'tolerance', 'settlements.org_code', 'settlements.setl_month') }}
),

identity as (
    {{ identity_month('DQ1', 'yb_setl_d', 'checked', reason='reason') }}
)

select * from identity
