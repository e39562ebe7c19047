-- yb_setl_list_diag_d: one row a diagnosis on a settlement list. Source: setl_list_diag_d.
select
    fixmedins_code as org_code,
    setl_list_diag_id,
    setl_id,
    mdtrt_id,
    diag_type,
    maindiag_flag,
    diag_code,
    diag_name,
    adm_cond_type,
    setl_list_sn,
    vali_flag,
    updt_time,
    updt_time as src_updated_at
from setl_list_diag_d
where updt_time >= :window_start and updt_time < :window_end
