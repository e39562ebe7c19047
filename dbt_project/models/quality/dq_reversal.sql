-- Grain: identity DQ8 by organisation, table and month of the original line.
-- Rule: every reversal names an original that is there, and the reversals of a line do not exceed it; a
-- negative line that names no original fails too.
-- Source: staging.stg_his__fee, staging.stg_insurance__fee_list_d, core.fct_over_refund.
with reversals as (
    select
        'his_fee' as table_name,
        org_code,
        orig_fee_id as row_key,
        service_month
    from {{ ref('stg_his__fee') }}
    where is_reversal
    union all
    select
        'yb_fee_list_d' as table_name,
        org_code,
        init_feedetl_sn as row_key,
        service_month
    from {{ ref('stg_insurance__fee_list_d') }}
    where is_reversal and vali_flag = '1'
),

reversed as (
    select
        table_name,
        org_code,
        row_key,
        min(service_month) as service_month
    from reversals
    group by table_name, org_code, row_key
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
