{#-
    Select: coverage of the indicators of each family (org_code, family, period_month): their number and the sum of
    their coverage, which whoever needs the mean of some families divides. marts.indicator_coverage has runs of months;
    runs that begin and end together are added up before they are spread over their months.
-#}
{% macro coverage_by_month() -%}
    select
        runs.org_code,
        runs.family,
        months.month_start as period_month,
        sum(runs.indicators) as indicators,
        sum(runs.coverage_sum) as coverage_sum
    from (
        select
            indicator_coverage.org_code,
            indicators.family,
            indicator_coverage.first_month,
            indicator_coverage.last_month,
            count(*) as indicators,
            sum(indicator_coverage.coverage_ratio) as coverage_sum
        from {{ ref('indicator_coverage') }} as indicator_coverage
        inner join {{ ref('indicator') }} as indicators on indicator_coverage.indicator_id = indicators.indicator_id
        group by
            indicator_coverage.org_code,
            indicators.family,
            indicator_coverage.first_month,
            indicator_coverage.last_month
    ) as runs
    inner join {{ ref('org_month') }} as months
        on
            runs.org_code = months.org_code
            and months.month_start between runs.first_month and runs.last_month
    group by runs.org_code, runs.family, months.month_start
{%- endmacro %}
