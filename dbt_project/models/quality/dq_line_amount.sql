-- Grain: identity DQ2 by organisation, table and month of the line.
-- Rule: amount equals quantity times price. On net lines every reversal adds one rounding, so that the
-- tolerance holds once for the line and once for each reversal.
-- Source: core.fct_fee_line, core.fct_insurance_line, core.fct_prescription_line, core.fct_purchase_line.
with lines as (
    select
        'his_fee' as table_name,
        org_code,
        service_month as period_month,
        fee_id as row_key,
        unit_price,
        net_amount - net_qty * unit_price as difference,
        1 + reversal_count as roundings
    from {{ ref('fct_fee_line') }}
    union all
    select
        'yb_fee_list_d' as table_name,
        org_code,
        service_month as period_month,
        fee_serial as row_key,
        price as unit_price,
        net_amount - net_qty * price as difference,
        1 + reversal_count as roundings
    from {{ ref('fct_insurance_line') }}
    union all
    select
        'his_rx_item' as table_name,
        org_code,
        rx_month as period_month,
        rx_item_id as row_key,
        unit_price,
        amount - qty * unit_price as difference,
        1 as roundings
    from {{ ref('fct_prescription_line') }}
    where not is_self_provided
    union all
    select
        'pr_order' as table_name,
        org_code,
        order_month as period_month,
        line_key as row_key,
        unit_price,
        amount - qty * unit_price as difference,
        1 as roundings
    from {{ ref('fct_purchase_line') }}
),

-- Nearly all lines differ by nothing: few groups are left to look up a tolerance for.
differences as (
    select
        table_name,
        org_code,
        period_month,
        abs(difference) as difference,
        roundings,
        unit_price = round(unit_price, 2) as price_in_cents,
        count(*) as line_count,
        min(row_key) as row_key
    from lines
    group by table_name, org_code, period_month, abs(difference), roundings, unit_price = round(unit_price, 2)
),

checked as (
    select
        differences.table_name,
        differences.org_code,
        differences.period_month,
        differences.row_key,
        differences.line_count,
        differences.difference
        <= differences.roundings * case when differences.price_in_cents then tolerance.value else fractional.value end
            as holds
    from differences
    {{ threshold_join('tolerance', 'DQ2', 'tolerance', 'differences.org_code', 'differences.period_month') }}
    {{ threshold_join('fractional', 'DQ2', 'tolerance', 'differences.org_code', 'differences.period_month', 'fractional') }}
),

identity as (
    {%- for table in ['his_fee', 'yb_fee_list_d', 'his_rx_item', 'pr_order'] %}
    {{ identity_month('DQ2', table, "checked where table_name = '" ~ table ~ "'", weight='line_count') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from identity
