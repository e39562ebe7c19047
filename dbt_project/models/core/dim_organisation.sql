-- Grain: one hospital. Source: HIS organisation register.
with organisations as (
    select * from {{ ref('stg_his__org') }}
),

levels as (
    select * from {{ ref('code_label') }}
    where code_set = 'org_level'
),

grouped as (
    select
        organisations.org_code,
        organisations.org_name,
        organisations.org_level,
        organisations.org_type,
        coalesce(levels.category, 'primary') as level_group,
        organisations.district_code,
        organisations.group_code,
        organisations.is_public,
        organisations.batch_id
    from organisations
    left join levels on organisations.org_level = levels.code
)

select * from grouped
