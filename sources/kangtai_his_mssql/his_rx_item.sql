-- his_rx_item: one row a prescription line. Sources: ms_cf02, and ms_cf01 for its time.
-- Quantities and prices are text at the source and stay so: what is no number goes to quarantine.
select
    :org_code as org_code,
    cast(ms_cf02.sbxh as varchar(40)) as rx_item_id,
    cast(ms_cf02.cfsb as varchar(40)) as rx_id,
    ms_cf02.ypzh as group_no,
    ms_cf02.ypxh as drug_code,
    ms_cf02.ycjl as dose,
    ms_cf02.jldw as dose_unit,
    ms_cf02.ypyf as freq_code,
    ms_cf02.mrcs as freq_per_day,
    ms_cf02.gytj as route_code,
    ms_cf02.yyts as days_supply,
    ms_cf02.ypsl as qty,
    ms_cf02.ypdw as qty_unit,
    null as qty_min_unit,
    ms_cf02.ypdj as unit_price,
    ms_cf02.hjje as amount,
    null as skin_test,
    null as note,
    0 as is_self_provided,
    null as src_updated_at
from ms_cf02
inner join ms_cf01 on ms_cf01.cfsb = ms_cf02.cfsb
where ms_cf01.kfrq >= convert(datetime, :window_start, 120) and ms_cf01.kfrq < convert(datetime, :window_end, 120)
