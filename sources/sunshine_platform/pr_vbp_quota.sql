-- pr_vbp_quota: one row a selected product that a hospital agreed to buy. Source: t_vbp_quota.
-- selected_price is per smallest unit, like the agreed quantity.
select
    hospital_code as org_code,
    batch as vbp_batch,
    national_code as med_list_codg,
    generic_name,
    is_selected = '1' as is_selected,
    agreed_qty as agreed_qty_min_unit,
    period_begin as period_start,
    period_end,
    selected_price,
    holder as supplier_or_mah,
    null as src_updated_at
from t_vbp_quota
