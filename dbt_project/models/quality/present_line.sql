-- Grain: one organisation and month of the fee lines that are there now, reversals apart, one by reversed line.
-- Rule: last versions of valid lines in their own month; reversed_key is the line that a reversal names, null for
-- what is no reversal. Staging is read once here, for control totals and reversals alike.
-- Source: staging.stg_his__fee, staging.stg_insurance__fee_list_d.
with lines as (
    select
        'his_fee' as table_name,
        org_code,
        service_month,
        is_reversal,
        case when is_reversal then orig_fee_id end as reversed_key,
        amount
    from {{ ref('stg_his__fee') }}
    union all
    select
        'yb_fee_list_d' as table_name,
        org_code,
        service_month,
        is_reversal,
        case when is_reversal then init_feedetl_sn end as reversed_key,
        det_item_fee_sumamt as amount
    from {{ ref('stg_insurance__fee_list_d') }}
    where vali_flag = '1'
),

present as (
    select
        table_name,
        org_code,
        service_month,
        is_reversal,
        reversed_key,
        coalesce({{ as_text('service_month') }}, '') || '|' || coalesce(reversed_key, '') as group_key,
        count(*) as line_count,
        cast(sum(amount) as numeric(18, 2)) as amount
    from lines
    group by table_name, org_code, service_month, is_reversal, reversed_key
)

select * from present
