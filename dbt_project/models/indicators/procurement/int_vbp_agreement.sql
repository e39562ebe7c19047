-- Grain: one volume-based agreement of a hospital: batch, generic name and beginning of its period.
-- Rule: agreed quantities of the selected products together, in smallest units; `elapsed_share` is the part of the
-- period that is over on the business date.
-- Source: core.dim_vbp_quota.
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

elapsed as (
    select
        agreements.*,
        least(period_end, {{ detect_date() }}) as counted_until,
        cast(
            cast({{ days_between('period_start', 'least(period_end, ' ~ detect_date() ~ ')') }} + 1 as numeric(18, 6))
            / nullif({{ days_between('period_start', 'period_end') }} + 1, 0) as numeric(18, 6)
        ) as elapsed_share
    from agreements
)

select * from elapsed
