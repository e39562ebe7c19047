-- yb_purc: one row a purchase or return that a hospital reported. Source: prod_purc_d.
-- src_updated_at is the time of the report. Quantity and price are per smallest unit.
select
    fixmedins_code as org_code,
    purc_id,
    med_list_codg,
    fixmedins_hilist_id,
    fixmedins_hilist_name,
    fixmedins_bchno,
    spler_name,
    spler_pmtno,
    manu_lotnum,
    prodentp_name,
    aprvno,
    manu_date,
    expy_end,
    finl_trns_pric,
    purc_retn_cnt,
    purc_invo_codg,
    purc_invo_no,
    rx_flag,
    purc_retn_stoin_time,
    prod_geay_flag,
    crte_time as src_updated_at
from prod_purc_d
where crte_time >= :window_start and crte_time < :window_end
