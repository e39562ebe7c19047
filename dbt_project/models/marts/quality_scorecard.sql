-- Grain: one organisation, table, month and dimension of quality.
-- Rule: a check is a row, a batch or a day held against one rule or identity; numerator is how many passed,
-- denominator how many could be made. The weakest check is the one with the lowest share.
with checks as (
    select * from {{ ref('check_month') }}
),

ranked as (
    select
        checks.*,
        row_number() over (
            partition by org_code, table_name, period_month, dimension
            order by case when denominator > 0 then numerator / denominator else 2 end, check_id
        ) as weakness
    from checks
),

scores as (
    select
        org_code,
        table_name,
        period_month,
        dimension,
        count(*) as check_count,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(not_evaluable) as not_evaluable,
        max(reason) as reason,
        max(case when weakness = 1 and denominator > 0 then check_id end) as weakest_check,
        max(case when weakness = 1 and denominator > 0 then check_zh end) as weakest_check_zh,
        max(case when weakness = 1 and denominator > 0 then numerator / denominator end) as weakest_score
    from ranked
    group by org_code, table_name, period_month, dimension
),

tables as (
    {{ landing_tables() }}
),

labels as (
    select * from {{ ref('code_label') }}
),

typed as (
    select
        cast(scores.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(tables.domain as varchar(20)) as system,
        cast(system_label.label_zh as varchar(60)) as system_zh,
        cast(scores.table_name as varchar(40)) as table_name,
        cast(tables.table_zh as varchar(60)) as table_zh,
        cast(scores.period_month as date) as period_month,
        cast(scores.dimension as varchar(20)) as dimension,
        cast(dimension_label.label_zh as varchar(20)) as dimension_zh,
        cast(scores.check_count as integer) as check_count,
        cast(scores.numerator as numeric(20, 2)) as numerator,
        cast(scores.denominator as numeric(20, 2)) as denominator,
        cast(scores.not_evaluable as numeric(20, 2)) as not_evaluable,
        cast(scores.reason as varchar(200)) as reason,
        cast(case when scores.denominator > 0 then scores.numerator / scores.denominator end as numeric(9, 6)) as score,
        cast(scores.weakest_check as varchar(100)) as weakest_check,
        cast(scores.weakest_check_zh as varchar(100)) as weakest_check_zh,
        cast(scores.weakest_score as numeric(9, 6)) as weakest_score
    from scores
    left join tables on scores.table_name = tables.table_name
    left join {{ ref('dim_organisation') }} as organisations on scores.org_code = organisations.org_code
    left join labels as system_label
        on
            tables.domain = system_label.code
            and system_label.code_set = 'system'
    left join labels as dimension_label
        on
            scores.dimension = dimension_label.code
            and dimension_label.code_set = 'quality_dimension'
)

select * from typed
