-- yb_drg_group: one row a settlement that was put in a group. Source: drg_grp_rslt_d.
select
    fixmedins_code as org_code,
    setl_id,
    'DRG' as grp_method,
    drg_codg as grp_code,
    drg_name as grp_name,
    drg_wt as weight,
    std_fee as std_amount,
    pay_amt as pay_amount,
    no_grp_rea as ungrouped_reason,
    updt_time as src_updated_at
from drg_grp_rslt_d
where updt_time >= :window_start and updt_time < :window_end
