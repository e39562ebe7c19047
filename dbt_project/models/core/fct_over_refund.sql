-- Grain: one fee line (HIS or insurance) whose reversals exceed it, or that is negative and names no
-- original. Such rows are a finding on data quality and feed no indicator.
-- Rule: a line and its reversals form one group; only one with a negative line can lack quantity.
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
    from {{ ref('stg_his__fee_refund') }}
    union all
    select
        org_code,
        'yb_fee_list_d' as source_table,
        coalesce(init_feedetl_sn, bkkp_sn) as row_key,
        is_reversal,
        service_month,
        qty,
        amount,
        batch_id
    from {{ ref('stg_insurance__fee_refund') }}
    where vali_flag = '1'
),

reduced as (
    select distinct
        org_code,
        source_table,
        row_key
    from lines
    where qty < 0
),

balanced as (
    select
        lines.org_code,
        lines.source_table,
        lines.row_key,
        coalesce(min(case when not lines.is_reversal then lines.service_month end), min(lines.service_month))
            as service_month,
        case
            when min(case when lines.is_reversal then 1 else 0 end) = max(case when lines.is_reversal then 1 else 0 end)
                then 'no_original'
            else 'over_refunded'
        end as reason,
        sum(lines.qty) as net_qty,
        sum(lines.amount) as net_amount,
        max(lines.batch_id) as batch_id
    from lines
    inner join reduced
        on
            lines.org_code = reduced.org_code
            and lines.source_table = reduced.source_table
            and lines.row_key = reduced.row_key
    group by lines.org_code, lines.source_table, lines.row_key
    having sum(lines.qty) < 0
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
