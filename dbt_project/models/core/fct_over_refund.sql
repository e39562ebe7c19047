-- Grain: one fee line (HIS or insurance) whose reversals exceed it, or that is negative and names no
-- original. Such rows are a finding on data quality and feed no indicator.
-- Rule: a line and its reversals form one group, which all lines pass through once.
with lines as (
    select
        org_code,
        'his_fee' as source_table,
        coalesce(orig_fee_id, fee_id) as row_key,
        is_reversal,
        service_month,
        qty,
        amount,
        batch_id
    from {{ ref('stg_his__fee') }}
    union all
    select
        org_code,
        'yb_fee_list_d' as source_table,
        coalesce(init_feedetl_sn, bkkp_sn) as row_key,
        is_reversal,
        service_month,
        cnt as qty,
        det_item_fee_sumamt as amount,
        batch_id
    from {{ ref('stg_insurance__fee_list_d') }}
    where vali_flag = '1'
),

balanced as (
    select
        org_code,
        source_table,
        row_key,
        coalesce(min(case when not is_reversal then service_month end), min(service_month)) as service_month,
        case
            when min(case when is_reversal then 1 else 0 end) = max(case when is_reversal then 1 else 0 end)
                then 'no_original'
            else 'over_refunded'
        end as reason,
        sum(qty) as net_qty,
        sum(amount) as net_amount,
        max(batch_id) as batch_id
    from lines
    group by org_code, source_table, row_key
    having sum(qty) < 0
),

over_refunds as (
    select
        org_code,
        source_table,
        row_key,
        service_month,
        reason,
        cast(net_qty as numeric(18, 4)) as net_qty,
        cast(net_amount as numeric(18, 2)) as net_amount,
        batch_id
    from balanced
)

select * from over_refunds
