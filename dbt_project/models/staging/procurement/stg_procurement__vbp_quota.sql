-- Grain: one agreed quantity of a volume-based purchasing batch. Source: land.pr_vbp_quota.
with latest as (
    {{ latest_version('pr_vbp_quota', ['vbp_batch', 'med_list_codg', 'period_start']) }}
),

typed as (
    select
        org_code,
        vbp_batch,
        med_list_codg,
        generic_name,
        coalesce(is_selected, false) as is_selected,
        cast(agreed_qty_min_unit as numeric(18, 4)) as agreed_qty_min_unit,
        period_start,
        period_end,
        cast(selected_price as numeric(18, 6)) as selected_price,
        _batch_id as batch_id
    from latest
)

select * from typed
