-- yb_setl_list_oprn_d: one row an operation on a settlement list. Source: setl_list_oprn_d.
select
    fixmedins_code as org_code,
    setl_list_oprn_id,
    setl_id,
    mdtrt_id,
    main_oprn_flag,
    oprn_oprt_code,
    oprn_oprt_name,
    oprn_oprt_date,
    anst_way,
    oper_dr_code,
    null as anst_dr_code,
    anst_begntime,
    anst_endtime,
    oprn_oprt_begntime,
    oprn_oprt_endtime,
    setl_list_sn,
    vali_flag,
    updt_time,
    updt_time as src_updated_at
from setl_list_oprn_d
where updt_time >= :window_start and updt_time < :window_end
