-- pr_project: one row a tender. Source: t_tender. Normalised: method, funds and status codes.
select
    hospital_code as org_code,
    tender_no as project_id,
    tender_no as project_no,
    tender_name as project_name,
    category_code,
    category_kind,
    domain,
    case method
        when '01' then 'open'
        when '02' then 'invited'
        when '03' then 'negotiation'
        when '06' then 'single_source'
        when '09' then 'intra_hospital'
        when '10' then 'petty'
    end as method,
    budget_code as budget_project_code,
    fiscal_year,
    budget as budget_amount,
    case funds when '1' then 'fiscal' when '2' then 'self' end as funds_kind,
    dept_code as requester_dept_code,
    null as approver_code,
    decision_no as decision_record_no,
    null as agency_code,
    reason as single_source_reason,
    notice_time,
    sale_begin as doc_sale_start,
    sale_end as doc_sale_end,
    deadline as bid_deadline,
    open_time,
    eval_time as eval_end_time,
    result_time as result_notice_time,
    publicity_begin as publicity_start,
    publicity_end,
    case status when '40' then 'awarded' when '90' then 'failed' else 'open' end as status,
    updt_time as src_updated_at
from t_tender
where updt_time >= :window_start and updt_time < :window_end
