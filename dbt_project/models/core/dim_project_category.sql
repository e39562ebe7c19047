-- Grain: one organisation and category of its projects.
-- Rule: sources send a code without a name: a category is named by the largest project in it.
with ranked as (
    select
        org_code,
        category_code,
        project_name,
        row_number() over (
            partition by org_code, category_code
            order by budget_amount desc nulls last, project_id
        ) as place
    from {{ ref('stg_procurement__project') }}
),

categories as (
    select
        org_code,
        category_code,
        category_code || ' ' || project_name as category_label
    from ranked
    where place = 1
)

select * from categories
