-- Grain: one fee line (HIS or insurance) whose reversals exceed it, or that is negative and names no
-- original. Such rows are a finding on data quality and feed no indicator.
with lines as (
    select
        org_code,
        'his_fee' as source_table,
        fee_id as row_key,
        orig_fee_id as original_key,
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
        bkkp_sn as row_key,
        init_feedetl_sn as original_key,
        is_reversal,
        service_month,
        cnt as qty,
        det_item_fee_sumamt as amount,
        batch_id
    from {{ ref('stg_insurance__fee_list_d') }}
    where vali_flag = '1'
),

reversals as (
    select
        org_code,
        source_table,
        original_key,
        min(service_month) as service_month,
        sum(qty) as qty,
        sum(amount) as amount,
        max(batch_id) as batch_id
    from lines
    where is_reversal
    group by org_code, source_table, original_key
),

-- Only lines that were reversed or are negative themselves can be over-refunded.
balanced as (
    select
        reversals.org_code,
        reversals.source_table,
        reversals.original_key as row_key,
        coalesce(originals.service_month, reversals.service_month) as service_month,
        case when originals.row_key is null then 'no_original' else 'over_refunded' end as reason,
        coalesce(originals.qty, 0) + reversals.qty as net_qty,
        coalesce(originals.amount, 0) + reversals.amount as net_amount,
        greatest(reversals.batch_id, coalesce(originals.batch_id, reversals.batch_id)) as batch_id
    from reversals
    left join lines as originals
        on
            reversals.org_code = originals.org_code
            and reversals.source_table = originals.source_table
            and reversals.original_key = originals.row_key
            and not originals.is_reversal
    union all
    select
        lines.org_code,
        lines.source_table,
        lines.row_key,
        lines.service_month,
        'no_original' as reason,
        lines.qty as net_qty,
        lines.amount as net_amount,
        lines.batch_id
    from lines
    left join reversals
        on
            lines.org_code = reversals.org_code
            and lines.source_table = reversals.source_table
            and lines.row_key = reversals.original_key
    where
        not lines.is_reversal
        and lines.qty < 0
        and reversals.original_key is null
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
    where net_qty < 0
)

select * from over_refunds
