{#- XS14 reads the results of all other indicators, and not its own. -#}
{%- set others = var('indicator_models') | reject('equalto', 'ind_xs14_recurrence') | list -%}

-- Grain: one result of an indicator under which the organisation has closed a matter.
-- Source: the results of all indicators but XS14, core.fct_rectification.
with matters as (
    select distinct
        org_code,
        indicator_id
    from {{ ref('fct_rectification') }}
    where status = 'closed' and closed_on is not null and indicator_id is not null
),

results as (
    {{ result_rows(others) }}
),

rectified as (
    select
        results.org_code,
        results.indicator_id,
        results.subject_type,
        results.subject_id,
        results.dept_code,
        results.doctor_code,
        results.period_start,
        results.period_end,
        results.outcome,
        results.zone,
        results.state,
        results.value,
        results.evidence
    from results
    inner join matters
        on
            results.org_code = matters.org_code
            and results.indicator_id = matters.indicator_id
)

select * from rectified
