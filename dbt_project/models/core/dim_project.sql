-- Grain: one procurement project: its name, category and method.
with projects as (
    select
        org_code,
        project_id,
        project_name,
        category_code,
        category_kind,
        method,
        notice_time,
        budget_amount,
        batch_id
    from {{ ref('stg_procurement__project') }}
)

select * from projects
