-- yb_deduct: one row a deduction after review. Source: rvw_dedu_d. Normalised: state of the appeal.
select
    fixmedins_code as org_code,
    dedu_id as deduct_id,
    setl_id,
    bkkp_sn,
    rule_codg as rule_code,
    rule_name,
    dedu_amt as deduct_amount,
    case appl_stas when '0' then 'none' when '1' then 'pending' when '2' then 'upheld' when '3' then 'revoked' end
        as appeal_status,
    cfm_time as decided_at,
    updt_time as src_updated_at
from rvw_dedu_d
where updt_time >= :window_start and updt_time < :window_end
