-- Grain: one procurement project by its name.
with projects as (
    select
        org_code,
        project_id,
        project_name,
        category_code,
        method,
        batch_id
    from {{ ref('stg_procurement__project') }}
)

select * from projects
