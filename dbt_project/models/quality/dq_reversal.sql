-- Grain: identity DQ8 by organisation, table and month of the original line.
-- Rule: every reversal names an original that is there, and the reversals of a line do not exceed it; a
-- negative line that names no original fails too.
-- Source: present_line, core.fct_over_refund.
with reversed as (
    select
        table_name,
        org_code,
        reversed_key as row_key,
        min(service_month) as service_month
    from {{ ref('present_line') }}
    where is_reversal
    group by table_name, org_code, reversed_key
),

over_refunds as (
    select * from {{ ref('fct_over_refund') }}
),

checked as (
    select
        coalesce(reversed.table_name, over_refunds.source_table) as table_name,
        coalesce(reversed.org_code, over_refunds.org_code) as org_code,
        coalesce(over_refunds.service_month, reversed.service_month) as period_month,
        coalesce(reversed.row_key, over_refunds.row_key) as row_key,
        over_refunds.row_key is null as holds
    from reversed
    full outer join over_refunds
        on
            reversed.table_name = over_refunds.source_table
            and reversed.org_code = over_refunds.org_code
            and reversed.row_key = over_refunds.row_key
),

identity as (
    {{ identity_month('DQ8', 'his_fee', "checked where table_name = 'his_fee'") }}
    union all
    {{ identity_month('DQ8', 'yb_fee_list_d', "checked where table_name = 'yb_fee_list_d'") }}
)

select * from identity
