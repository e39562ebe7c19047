-- his_dispense: one row a hand-out or return. Sources: phar_out_distribute_detail (outpatients),
-- phar_in_distribute_detail (wards, with consumables). Normalised: kind of item; trace codes, which the
-- product divides by commas, in ascending order and divided by bars. A return names its hand-out in
-- old_dist_id.
select
    :org_code as org_code,
    id::text as dispense_id,
    old_dist_id::text as orig_dispense_id,
    'O' as encounter_type,
    visit_id::text as encounter_id,
    cost_id::text as fee_id,
    opd_id::text as rx_item_id,
    null as order_exec_id,
    pharmacy_code as store_code,
    case item_type_code when '1' then 'drug' when '2' then 'material' end as item_kind,
    item_code,
    batch_no,
    split_num as qty_min_unit,
    dist_time as dispense_time,
    dist_code as staff_code,
    (
        select string_agg(code, '|' order by code collate "C")
        from unnest(string_to_array(trac_codes, ',')) as scanned (code)
    ) as trace_codes,
    updt_time as src_updated_at
from phar_out_distribute_detail
where updt_time >= :window_start and updt_time < :window_end
union all
select
    :org_code as org_code,
    id::text as dispense_id,
    old_dist_id::text as orig_dispense_id,
    'I' as encounter_type,
    visit_id::text as encounter_id,
    cost_id::text as fee_id,
    null as rx_item_id,
    advice_exec_id::text as order_exec_id,
    pharmacy_code as store_code,
    case item_type_code when '1' then 'drug' when '2' then 'material' end as item_kind,
    item_code,
    batch_no,
    split_num as qty_min_unit,
    dist_time as dispense_time,
    dist_code as staff_code,
    (
        select string_agg(code, '|' order by code collate "C")
        from unnest(string_to_array(trac_codes, ',')) as scanned (code)
    ) as trace_codes,
    updt_time as src_updated_at
from phar_in_distribute_detail
where updt_time >= :window_start and updt_time < :window_end
