-- yb_stmt_d: one row a day, kind of clearing, insurance and refund flag. Source: stmt_totl_d, the
-- totals that interface 3201 compares with. A day changes when a late settlement joins it.
select
    fixmedins_code as org_code,
    stmt_begndate,
    stmt_enddate,
    clr_type,
    insutype,
    refd_setl_flag,
    setl_optins,
    medfee_sumamt,
    fund_pay_sumamt,
    acct_pay,
    cash_payamt,
    fixmedins_setl_cnt,
    updt_time,
    updt_time as src_updated_at
from stmt_totl_d
where updt_time >= :window_start and updt_time < :window_end
