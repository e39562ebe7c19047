{#- Table, its present rows (relation, month, money, condition of validity), and core's net facts of them. -#}
{% set chains = [
    (
        'his_fee',
        ['present_line', 'service_month', 'amount', "table_name = 'his_fee'"],
        ['fct_fee_line', 'service_month', 'net_amount'],
    ),
    (
        'yb_fee_list_d',
        ['present_line', 'service_month', 'amount', "table_name = 'yb_fee_list_d'"],
        ['fct_insurance_line', 'service_month', 'net_amount'],
    ),
    (
        'his_settle',
        ['stg_his__settle', 'settle_month', 'total_amount', '1 = 1'],
        ['fct_settlement', 'settle_month', 'amount'],
    ),
    (
        'yb_setl_d',
        ['stg_insurance__setl_d', 'setl_month', 'medfee_sumamt', "vali_flag = '1'"],
        ['fct_insurance_settlement', 'setl_month', 'amount'],
    ),
    (
        'pr_order',
        ['stg_procurement__order', 'order_month', 'amount', '1 = 1'],
        ['fct_purchase_line', 'order_month', 'amount'],
    ),
] %}

-- Grain: one organisation, table that carries money, month and stage of the way: rows and CNY.
-- Rule: landed and quarantined count every version that arrived; present is the last version of each valid row in
-- its own month; core is net, in the month of the line that a reversal takes back; set aside is what nets below
-- zero, what was ordered and cancelled, and what core_of_landing() leaves out of a table that nothing nets. Present =
-- core + set aside over all months; by month they differ by reversals across months.
-- Source: arrival_month, present_line, staging, core.
with judged as (
    {{ money_fates() }}
),

-- Tables of which every row is due in core or left out for a reason.
row_by_row as (
    select
        table_name,
        org_code,
        period_month,
        fate,
        count(*) as row_count,
        sum(amount) as amount
    from judged
    group by table_name, org_code, period_month, fate
),

stages as (
    select
        'landed' as stage,
        table_name,
        org_code,
        period_month,
        row_count,
        amount
    from {{ ref('arrival_month') }}
    union all
    select
        'quarantined' as stage,
        table_name,
        org_code,
        period_month,
        quarantined as row_count,
        quarantined_amount as amount
    from {{ ref('arrival_month') }}
    {%- for table, present, net in chains %}
    union all
    select
        'present' as stage,
        '{{ table }}' as table_name,
        org_code,
        {{ present[1] }} as period_month,
        {{ 'sum(line_count)' if present[0] == 'present_line' else 'count(*)' }} as row_count,
        sum({{ present[2] }}) as amount
    from {{ ref(present[0]) }}
    where {{ present[3] }}
    group by org_code, {{ present[1] }}
    union all
    select
        'core' as stage,
        '{{ table }}' as table_name,
        org_code,
        {{ net[1] }} as period_month,
        count(*) as row_count,
        sum({{ net[2] }}) as amount
    from {{ ref(net[0]) }}
    group by org_code, {{ net[1] }}
    {%- endfor %}
    union all
    select
        'set_aside' as stage,
        source_table as table_name,
        org_code,
        service_month as period_month,
        count(*) as row_count,
        sum(net_amount) as amount
    from {{ ref('fct_over_refund') }}
    group by source_table, org_code, service_month
    union all
    select
        'set_aside' as stage,
        'pr_order' as table_name,
        org_code,
        order_month as period_month,
        count(*) as row_count,
        sum(amount) as amount
    from {{ ref('stg_procurement__order') }}
    where status = 'cancelled' or qty <= 0
    group by org_code, order_month
    union all
    select
        'present' as stage,
        table_name,
        org_code,
        period_month,
        row_count,
        amount
    from row_by_row
    where fate <> 'in_core'
    union all
    select
        case fate when 'in_core' then 'core' else 'set_aside' end as stage,
        table_name,
        org_code,
        period_month,
        row_count,
        amount
    from row_by_row
    where fate <> 'due_in_core'
),

totals as (
    select
        stage,
        table_name,
        org_code,
        period_month,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(amount) as numeric(18, 2)) as amount
    from stages
    where
        period_month is not null
        and table_name in (
            {%- for table, present, net in chains %}
            '{{ table }}',
            {%- endfor %}
            {%- for table, entry in landed_tables().items() if entry.amount %}
            '{{ table }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    group by stage, table_name, org_code, period_month
)

select * from totals
