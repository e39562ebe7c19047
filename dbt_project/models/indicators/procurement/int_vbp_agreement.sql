-- Grain: one volume-based agreement of a hospital: batch, generic name and beginning of its period.
-- Rule: agreed quantities of the selected products together, in smallest units. Receipts are counted to the end of the
-- last month that is over and has any (`counted_until`); `elapsed_share` is the part of the period until then, and
-- `due_until` is how far they ought to reach.
-- Source: core.dim_vbp_quota, core.source_month.
with quotas as (
    select * from {{ ref('dim_vbp_quota') }}
    where is_selected and period_start <= {{ detect_date() }}
),

agreements as (
    select
        org_code,
        vbp_batch || '|' || coalesce(generic_name, med_list_codg) as subject_id,
        vbp_batch,
        coalesce(generic_name, med_list_codg) as generic_name,
        period_start,
        max(period_end) as period_end,
        cast(sum(agreed_qty_min_unit) as numeric(18, 4)) as agreed_qty,
        cast(max(selected_price) as numeric(18, 6)) as selected_price
    from quotas
    group by org_code, vbp_batch, coalesce(generic_name, med_list_codg), period_start
),

received_until as (
    select
        org_code,
        min(month_start) as first_receipt_month,
        max(month_start) as last_receipt_month
    from {{ ref('source_month') }}
    where table_name = 'pr_receipt' and {{ add_months('month_start', 1) }} <= {{ add_days(detect_date(), 1) }}
    group by org_code
),

bounded as (
    select
        agreements.*,
        received_until.first_receipt_month,
        received_until.last_receipt_month,
        least(agreements.period_end, {{ add_days(month_of(add_days(detect_date(), 1)), -1) }}) as due_until,
        least(
            agreements.period_end,
            {{ add_days(month_of(add_days(detect_date(), 1)), -1) }},
            {{ add_days(add_months('received_until.last_receipt_month', 1), -1) }}
        ) as counted_until
    from agreements
    left join received_until on agreements.org_code = received_until.org_code
),

elapsed as (
    select
        bounded.*,
        cast(
            cast(greatest({{ days_between('period_start', 'counted_until') }} + 1, 0) as numeric(18, 6))
            / nullif({{ days_between('period_start', 'period_end') }} + 1, 0) as numeric(18, 6)
        ) as elapsed_share
    from bounded
)

select * from elapsed
