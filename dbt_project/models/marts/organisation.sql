{#- The rule of an account's own district reads it on the connection of names, too. -#}
{{ config(grants={'+select': ['qinglian_names']}) }}

-- Grain: one hospital: what filters and the rows that an account may see are chosen by.
-- Source: core.dim_organisation, code_label.
with organisations as (
    select * from {{ ref('dim_organisation') }}
),

labels as (
    select * from {{ ref('code_label') }}
),

typed as (
    select
        cast(organisations.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(level_label.label_zh as varchar(60)) as org_level_zh,
        cast(type_label.label_zh as varchar(60)) as org_type_zh,
        cast(organisations.district_code as varchar(6)) as district_code,
        cast(coalesce(district_label.label_zh, organisations.district_code) as varchar(60)) as district_name
    from organisations
    left join labels as level_label
        on
            organisations.org_level = level_label.code
            and level_label.code_set = 'org_level'
    left join labels as type_label
        on
            organisations.org_type = type_label.code
            and type_label.code_set = 'org_type'
    left join labels as district_label
        on
            organisations.district_code = district_label.code
            and district_label.code_set = 'district'
)

select * from typed
