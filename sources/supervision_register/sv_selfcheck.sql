-- sv_selfcheck: one row a clue that a department explains. Source: self_check.
select
    hospital_code as org_code,
    check_no as selfcheck_id,
    clue_no as clue_id,
    dept_code,
    due_date as due_on,
    reply,
    accepted = '1' as accepted,
    reviewer as reviewed_by,
    updt_time as src_updated_at
from self_check
