-- sv_notice: one row a document of the inspection office. Source: notice. Normalised: kind.
select
    hospital_code as org_code,
    doc_id as notice_id,
    case doc_kind
        when '1' then 'rectification'
        when '2' then 'discipline_advice'
        when '3' then 'reminder'
    end as notice_kind,
    doc_no as notice_no,
    clue_no as clue_id,
    dept_code as recipient_dept_code,
    issue_date as issued_on,
    sign_date as signed_on,
    due_date as due_on,
    updt_time as src_updated_at
from notice
