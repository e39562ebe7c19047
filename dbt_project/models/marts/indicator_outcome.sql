-- Grain: one indicator, organisation and month in which evaluated periods begin.
-- Rule: each subject and period evaluated has one of four outcomes. expected_by_chance is how many would fire at
-- most if nothing were amiss: subjects with a p-value times the largest p-value that fired in the city in that
-- month (the bound that Benjamini and Hochberg's procedure, 1995, holds below the false discovery rate).
-- Rules without a p-value say nothing of chance: null, not zero.
-- Source: indicator_result.
with results as (
    select
        indicator_id,
        org_code,
        subject_type,
        outcome,
        p_value,
        {{ month_of('period_start') }} as period_month
    from {{ ref('indicator_result') }}
),

cutoffs as (
    select
        indicator_id,
        subject_type,
        period_month,
        max(p_value) as p_value
    from results
    where outcome = 'fired'
    group by indicator_id, subject_type, period_month
),

counts as (
    select
        results.indicator_id,
        results.org_code,
        results.period_month,
        count(*) as evaluated,
        count(*) filter (where results.outcome = 'fired') as fired,
        count(*) filter (where results.outcome = 'clear') as clear,
        count(*) filter (where results.outcome = 'guarded') as guarded,
        count(*) filter (where results.outcome = 'not_computable') as not_computable,
        count(results.p_value) as tested,
        sum(case when results.p_value is not null then coalesce(cutoffs.p_value, 0) end) as expected_by_chance
    from results
    left join cutoffs
        on
            results.indicator_id = cutoffs.indicator_id
            and results.subject_type = cutoffs.subject_type
            and results.period_month = cutoffs.period_month
    group by results.indicator_id, results.org_code, results.period_month
),

typed as (
    select
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(org_code as varchar(12)) as org_code,
        cast(period_month as date) as period_month,
        cast(evaluated as integer) as evaluated,
        cast(fired as integer) as fired,
        cast(clear as integer) as clear,
        cast(guarded as integer) as guarded,
        cast(not_computable as integer) as not_computable,
        cast(tested as integer) as tested,
        cast(expected_by_chance as numeric(12, 4)) as expected_by_chance
    from counts
)

select * from typed
