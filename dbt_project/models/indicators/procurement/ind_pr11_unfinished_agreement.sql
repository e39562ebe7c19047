-- Grain: one volume-based agreement of a hospital: batch, generic name and beginning of its period.
-- Rule: PR11, of the agreed quantity less was received than 0.9 of what the elapsed part of the period asks for
-- (yellow), or not all of it at the end of the period (red) (PL-9, PL-10). What the suppliers owe, what the store
-- still holds while nothing else of the name is bought, and a quantity many times all purchases are guarded. An
-- agreement that began before the receipts do is not judged: what was bought before is not known.
-- Source: core.dim_vbp_quota, core.fct_goods_received, core.fct_purchase_line, core.fct_stock_month.
with agreements as (
    select * from {{ ref('int_vbp_agreement') }}
),

products as (
    select * from {{ ref('int_vbp_product') }}
),

receipts as (
    select * from {{ ref('int_vbp_receipt') }}
),

received as (
    select
        org_code,
        subject_id,
        period_start,
        count(*) as receipt_lines,
        sum(case when is_selected then qty_min_unit else 0 end) as selected_qty,
        sum(qty_min_unit) as all_qty
    from receipts
    group by org_code, subject_id, period_start
),

ordered as (
    select
        products.org_code,
        products.subject_id,
        products.period_start,
        sum(orders.qty_min_unit) as ordered_qty
    from products
    inner join {{ ref('fct_purchase_line') }} as orders
        on
            products.org_code = orders.org_code
            and products.item_kind = orders.item_kind
            and products.item_code = orders.item_code
            and orders.order_date between products.period_start and products.counted_until
    where products.is_selected
    group by products.org_code, products.subject_id, products.period_start
),

last_stock_months as (
    select
        agreements.org_code,
        agreements.subject_id,
        agreements.period_start,
        max(stock.month_start) as month_start
    from agreements
    inner join {{ ref('fct_stock_month') }} as stock
        on
            agreements.org_code = stock.org_code
            and stock.month_start between {{ add_months(month_of('agreements.counted_until'), -1) }} and agreements.counted_until
    group by agreements.org_code, agreements.subject_id, agreements.period_start
),

in_store as (
    select
        last_stock_months.org_code,
        last_stock_months.subject_id,
        last_stock_months.period_start,
        sum(stock.closing_qty) as stock_qty
    from last_stock_months
    inner join products
        on
            last_stock_months.org_code = products.org_code
            and last_stock_months.subject_id = products.subject_id
            and last_stock_months.period_start = products.period_start
            and products.is_selected
    inner join {{ ref('fct_stock_month') }} as stock
        on
            last_stock_months.org_code = stock.org_code
            and last_stock_months.month_start = stock.month_start
            and products.item_kind = stock.item_kind
            and products.item_code = stock.item_code
    group by last_stock_months.org_code, last_stock_months.subject_id, last_stock_months.period_start
),

progress as (
    select
        agreements.*,
        coalesce(received.receipt_lines, 0) as receipt_lines,
        coalesce(received.selected_qty, 0) as selected_qty,
        coalesce(received.all_qty, 0) as all_qty,
        coalesce(ordered.ordered_qty, 0) as ordered_qty,
        coalesce(in_store.stock_qty, 0) as stock_qty,
        coalesce((received.all_qty - received.selected_qty) / nullif(received.all_qty, 0), 0) as non_selected_share,
        agreements.counted_until >= agreements.period_end as is_over,
        case when agreements.counted_until >= agreements.period_end then 1 else pace.value * agreements.elapsed_share end
            as required_share,
        min_elapsed.value as min_elapsed,
        max_other.value as max_other,
        max_ratio.value as max_ratio
    from agreements
    left join received
        on
            agreements.org_code = received.org_code
            and agreements.subject_id = received.subject_id
            and agreements.period_start = received.period_start
    left join ordered
        on
            agreements.org_code = ordered.org_code
            and agreements.subject_id = ordered.subject_id
            and agreements.period_start = ordered.period_start
    left join in_store
        on
            agreements.org_code = in_store.org_code
            and agreements.subject_id = in_store.subject_id
            and agreements.period_start = in_store.period_start
    {{ threshold_join('pace', 'PR11', 'pace', 'agreements.org_code', month_of('agreements.counted_until')) }}
    {{ threshold_join('min_elapsed', 'PR11', 'min_elapsed_share', 'agreements.org_code', month_of('agreements.counted_until')) }}
    {{ threshold_join('max_other', 'PR11', 'max_non_selected_share', 'agreements.org_code', month_of('agreements.counted_until')) }}
    {{ threshold_join('max_ratio', 'PR11', 'max_quota_ratio', 'agreements.org_code', month_of('agreements.counted_until')) }}
),

judged as (
    select
        progress.*,
        case
            when coalesce(agreed_qty, 0) <= 0 then 'missing_quantity'
            when
                last_receipt_month is null
                or last_receipt_month < {{ add_months(month_of('due_until'), -1) }}
                then 'missing_receipts'
            when first_receipt_month > {{ month_of('period_start') }} then 'short_history'
            when elapsed_share < min_elapsed then 'too_early'
            when selected_qty >= required_share * agreed_qty then 'clear'
            when ordered_qty >= required_share * agreed_qty then 'supply_shortage'
            when non_selected_share <= max_other and all_qty > 0 and agreed_qty * elapsed_share > max_ratio * all_qty
                then 'implausible_quantity'
            when non_selected_share <= max_other and selected_qty + stock_qty >= required_share * agreed_qty and all_qty > 0
                then 'demand_fell'
            else 'fired'
        end as verdict
    from progress
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', not_computable=[
            'missing_quantity', 'missing_receipts', 'short_history', 'too_early'
        ]) }} as outcome,
        verdict as reason,
        case when is_over then 'red' else 'yellow' end as zone,
        '疑点' as state,
        receipt_lines as n,
        required_share as threshold,
        elapsed_share as expected,
        selected_qty / nullif(agreed_qty, 0) as done_share
    from judged
),

quota_rows as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_vbp_quota' as source_table,
        quotas.quota_key as row_key,
        0 as value,
        0 as risk_gross
    from outcomes
    inner join {{ ref('dim_vbp_quota') }} as quotas
        on
            outcomes.org_code = quotas.org_code
            and outcomes.vbp_batch = quotas.vbp_batch
            and outcomes.generic_name = coalesce(quotas.generic_name, quotas.med_list_codg)
            and outcomes.period_start = quotas.period_start
            and quotas.is_selected
),

receipt_rows as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_receipt' as source_table,
        receipts.line_key as row_key,
        case when receipts.is_selected then receipts.qty_min_unit / nullif(outcomes.agreed_qty, 0) else 0 end as value,
        receipts.excess_amount as risk_gross
    from outcomes
    inner join receipts
        on
            outcomes.org_code = receipts.org_code
            and outcomes.subject_id = receipts.subject_id
            and outcomes.period_start = receipts.period_start
),

evidence as (
    select
        behind.*,
        cast(null as numeric(18, 2)) as risk_fund
    from (
        select * from quota_rows
        union all
        select * from receipt_rows
    ) as behind
    where behind.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'PR11', '1.0.0', "'vbp_agreement'", 'with_evidence', value='coalesce(evidence_value, done_share)',
            absent=['dept_code', 'doctor_code', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
