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
        notice_time,
        open_time,
        status,
        _batch_id as batch_id
    from latest
)

select * from typed
