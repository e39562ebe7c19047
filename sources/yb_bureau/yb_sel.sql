-- yb_sel: one row a sale or return that a hospital reported. Source: prod_sel_d.
-- src_updated_at is the time of the report. Trace codes are one text, separated by | and sorted.
select
    fixmedins_code as org_code,
    sel_id,
    med_list_codg,
    fixmedins_hilist_id,
    null as fixmedins_bchno,
    mdtrt_id,
    mdtrt_setl_type,
    rtal_docno,
    stoout_no,
    sel_retn_cnt,
    finl_trns_pric,
    sel_retn_time,
    drug_trac_codg,
    null as manu_lotnum,
    crte_time as src_updated_at
from prod_sel_d
where crte_time >= :window_start and crte_time < :window_end
