{{ config(indexes=[{'columns': ['org_code', 'month_start'], 'unique': true}]) }}

-- Grain: one organisation and month for which it must answer.
-- Rule: from its first month in the tables of hospital and insurance to ALL.silence_months after its last dated one: a
-- hospital that stops sending stays in sight, one that closed long ago does not. A tender or a complaint of an earlier
-- time is one row and no month's data, so that procurement and supervision begin only where nothing else is sent. An
-- organisation that never sent a dated row is asked for the last ALL.silence_months before the run.
with organisations as (
    select
        dim_organisation.org_code,
        silence.value as silence_months
    from {{ ref('dim_organisation') }} as dim_organisation
    {{ threshold_join('silence', 'ALL', 'silence_months', 'dim_organisation.org_code', month_of(detect_date())) }}
),

dated as (
    select
        org_code,
        coalesce(
            min(case when substring(table_name, 1, 3) in ('his', 'yb_') then month_start end),
            min(month_start)
        ) as first_month,
        max(month_start) as last_month
    from {{ ref('source_month') }}
    group by org_code
),

spans as (
    select
        organisations.org_code,
        coalesce(
            dated.first_month,
            {{ add_months(month_of(detect_date()), 'cast(-organisations.silence_months as integer)') }}
        ) as first_month,
        {{ add_months(
            'coalesce(dated.last_month, ' ~ month_of(detect_date()) ~ ')',
            'cast(organisations.silence_months as integer)'
        ) }} as last_month
    from organisations
    left join dated on organisations.org_code = dated.org_code
),

answered as (
    select
        spans.org_code,
        months.month_start
    from spans
    inner join {{ ref('dim_month') }} as months
        on
            months.month_start >= spans.first_month
            and months.month_start <= spans.last_month
    where months.has_data
)

select * from answered
