-- Grain: one identity, aspect, table, organisation and month.
-- Rule: numerator is what holds, denominator what could be judged; holds is null where nothing could.
with verdicts as (
    select * from {{ ref('identity_month') }}
),

labels as (
    {{ landing_tables() }}
),

aspects as (
    select * from {{ ref('code_label') }}
    where code_set = 'quality_aspect'
),

typed as (
    select
        cast(verdicts.identity_id as varchar(10)) as identity_id,
        cast(verdicts.name_zh as varchar(100)) as name_zh,
        cast(verdicts.dimension as varchar(20)) as dimension,
        cast(verdicts.aspect as varchar(20)) as aspect,
        cast(aspects.label_zh as varchar(60)) as aspect_zh,
        cast(verdicts.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(verdicts.table_name as varchar(40)) as table_name,
        cast(labels.table_zh as varchar(60)) as table_zh,
        cast(verdicts.period_month as date) as period_month,
        cast(verdicts.numerator as numeric(20, 2)) as numerator,
        cast(verdicts.denominator as numeric(20, 2)) as denominator,
        cast(verdicts.not_evaluable as numeric(20, 2)) as not_evaluable,
        cast(verdicts.reason as varchar(60)) as reason,
        cast(verdicts.score as numeric(9, 6)) as score,
        cast(verdicts.min_share as numeric(7, 6)) as min_share,
        cast(verdicts.holds as boolean) as holds,
        cast(verdicts.example_key as varchar(100)) as example_key
    from verdicts
    left join {{ ref('dim_organisation') }} as organisations on verdicts.org_code = organisations.org_code
    left join labels on verdicts.table_name = labels.table_name
    left join aspects on verdicts.aspect = aspects.code
)

select * from typed
