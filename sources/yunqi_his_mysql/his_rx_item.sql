-- his_rx_item: one row a prescription line. Source: outpt_prescribe_detail.
select
    :org_code as org_code,
    cast(id as char) as rx_item_id,
    cast(op_id as char) as rx_id,
    group_no,
    item_code as drug_code,
    dosage as dose,
    dosage_unit as dose_unit,
    rate_code as freq_code,
    rate_num as freq_per_day,
    usage_code as route_code,
    use_days as days_supply,
    num as qty,
    unit_name as qty_unit,
    split_num as qty_min_unit,
    price as unit_price,
    total_price as amount,
    skin_result as skin_test,
    null as note,
    is_self = '1' as is_self_provided,
    updt_time as src_updated_at
from outpt_prescribe_detail
where updt_time >= :window_start and updt_time < :window_end
