-- his_dispense: one row a hand-out or return. Sources: yf_mzfymx (outpatients, kept since the module for
-- trace codes runs), yf_zyfymx (wards, with consumables). Normalised: kind of item; trace codes, which the
-- product divides by semicolons, in ascending order and divided by bars. Quantities are text. A return
-- names its hand-out in tyxh.
select
    :org_code as org_code,
    fyxh::text as dispense_id,
    tyxh::text as orig_dispense_id,
    'O' as encounter_type,
    jzlsh::text as encounter_id,
    fymxxh::text as fee_id,
    cfmxxh::text as rx_item_id,
    null as order_exec_id,
    yfsb as store_code,
    case xmlb when '1' then 'drug' when '2' then 'material' end as item_kind,
    xmdm as item_code,
    ph as batch_no,
    fysl as qty_min_unit,
    fyrq as dispense_time,
    fygh as staff_code,
    (
        select string_agg(code, '|' order by code collate "C")
        from unnest(string_to_array(zsm, ';')) as scanned (code)
    ) as trace_codes,
    null as src_updated_at
from yf_mzfymx
where fyrq >= :window_start and fyrq < :window_end
union all
select
    :org_code as org_code,
    fyxh::text as dispense_id,
    tyxh::text as orig_dispense_id,
    'I' as encounter_type,
    jzlsh::text as encounter_id,
    fymxxh::text as fee_id,
    null as rx_item_id,
    null as order_exec_id,
    yfsb as store_code,
    case xmlb when '1' then 'drug' when '2' then 'material' end as item_kind,
    xmdm as item_code,
    ph as batch_no,
    fysl as qty_min_unit,
    fyrq as dispense_time,
    fygh as staff_code,
    (
        select string_agg(code, '|' order by code collate "C")
        from unnest(string_to_array(zsm, ';')) as scanned (code)
    ) as trace_codes,
    null as src_updated_at
from yf_zyfymx
where fyrq >= :window_start and fyrq < :window_end
