-- Grain: one agreed quantity of a volume-based purchasing batch, item and period.
with quotas as (
    select
        org_code,
        vbp_batch || '|' || med_list_codg || '|' || {{ as_text('period_start') }} as quota_key,
        vbp_batch,
        med_list_codg,
        generic_name,
        is_selected,
        agreed_qty_min_unit,
        period_start,
        period_end,
        selected_price,
        batch_id
    from {{ ref('stg_procurement__vbp_quota') }}
)

select * from quotas
