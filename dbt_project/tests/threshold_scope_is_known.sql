-- Scopes that name nobody, so that their threshold would hold for nobody without a word; and such that name two kinds at
-- once, a hospital by the code of a district for one. A level group may share its name with a type. A part after '|' is
-- always a qualifier.
with scopes as (
    select distinct
        indicator_id,
        param,
        scope,
        split_part(scope, '|', 1) as holder,
        split_part(scope, '|', 2) as detail
    from {{ ref('threshold') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

labels as (
    select * from {{ ref('code_label') }}
),

names as (
    select
        '*' as code,
        'everybody' as kind
    union
    select
        org_code as code,
        'hospital' as kind
    from organisations
    union
    select
        district_code as code,
        'district' as kind
    from organisations
    union
    select
        code,
        'class' as kind
    from labels
    where code_set in ('org_type', 'org_level')
    union
    select
        category as code,
        'class' as kind
    from labels
    where code_set = 'org_level'
    union
    select
        code,
        'qualifier' as kind
    from labels
    where code_set = 'threshold_qualifier'
)

select
    scopes.indicator_id,
    scopes.param,
    scopes.scope,
    count(distinct holders.kind) as kinds
from scopes
left join names as holders on scopes.holder = holders.code
left join names as details
    on
        scopes.detail = details.code
        and details.kind = 'qualifier'
group by scopes.indicator_id, scopes.param, scopes.scope, scopes.detail
having
    count(distinct holders.kind) <> 1
    or (scopes.detail <> '' and count(details.code) = 0)
