{{
    config(
        description='两家直接关联的企业分在不同组：关联链超过分组深度，集中度会被低估。'
    )
}}
-- Two directly related companies in different groups: the chain of relations is longer than the depth
-- of dim_company_group, and concentration would be understated.
select
    relation.uscc_a,
    relation.uscc_b
from {{ ref('stg_reference__related_org') }} as relation
inner join {{ ref('dim_company_group') }} as group_a on relation.uscc_a = group_a.uscc
inner join {{ ref('dim_company_group') }} as group_b on relation.uscc_b = group_b.uscc
where group_a.company_group_id <> group_b.company_group_id
