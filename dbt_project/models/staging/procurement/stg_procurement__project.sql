-- Grain: one procurement project. Source: land.pr_project.
with latest as (
    {{ latest_version('pr_project', ['project_id']) }}
),

typed as (
    select
        org_code,
        project_id,
        project_name,
        category_code,
        category_kind,
        domain,
        method,
        nullif(trim(budget_project_code), '') as budget_project_code,
        cast(fiscal_year as integer) as fiscal_year,
        cast(budget_amount as numeric(18, 2)) as budget_amount,
        nullif(trim(requester_dept_code), '') as requester_dept_code,
        nullif(trim(decision_record_no), '') as decision_record_no,
        nullif(trim(single_source_reason), '') as single_source_reason,
        notice_time,
        doc_sale_start,
        bid_deadline,
        open_time,
        eval_end_time,
        result_notice_time,
        publicity_start,
        publicity_end,
        status,
        _batch_id as batch_id
    from latest
)

select * from typed
