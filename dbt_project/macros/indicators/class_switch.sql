{#-
    Select: the change in level of each series of XS05, with what it is judged by and the verdict.

    `weeks` has one row a unit and week: org_code, generic, selected_on, drug_name, unit_code, dept_code, week, class_lines,
    generic_lines, undosed, class_ddds, drug_ddds. The share of the drug in the DDDs of the class is weighed by the lines of
    the class. The standard error is no smaller than that of the difference of two shares of as many independent lines at one
    half: lines that never vary would prove anything. False discovery is held among the series of one selection day.
-#}
{% macro class_switch(weeks) -%}
    select
        discovered.org_code,
        discovered.generic,
        discovered.drug_name,
        discovered.unit_code,
        discovered.dept_code,
        discovered.selected_on,
        discovered.lines_before,
        discovered.lines_after,
        discovered.share_before,
        discovered.share_after,
        discovered.level_change,
        discovered.level_error,
        discovered.p_value,
        discovered.q_value,
        discovered.cost_ratio,
        case
            when discovered.generic_before < min_generic.value then 'clear'
            when discovered.weeks_after < min_weeks.value then 'too_early'
            when discovered.weeks_before < min_weeks.value then 'short_history'
            when discovered.lines_before < min_lines.value or discovered.lines_after < min_lines.value then 'below_volume'
            when discovered.undosed > (1 - min_dosed.value) * discovered.all_lines then 'missing_ddd'
            when discovered.cost_ratio is null then 'missing_price'
            when discovered.p_value is null then 'below_volume'
            when
                discovered.level_change < jump.value
                or discovered.share_after - discovered.share_before < jump.value
                or discovered.p_value >= max_p.value
                or discovered.cost_ratio < ratio.value
                then 'clear'
            when
                discovered.first_month
                > {{ add_months(month_of('discovered.selected_on'), '-1 * cast(launch.value as integer)') }}
                and discovered.first_month > discovered.history_start
                then 'new_product'
            when discovered.shortage_share >= shortage.value then 'generic_shortage'
            when discovered.q_value > fdr.value then 'false_discovery'
            when discovered.shortage_share is null then 'missing_stock'
            else 'fired'
        end as verdict
    from (
        {{ benjamini_hochberg('(
            select
                levelled.*,
                case when level_error > 0 then cast(' ~ upper_tail_p('level_z') ~ ' as numeric(18, 8)) end as p_value
            from (' ~ class_switch_level(weeks) ~ ') as levelled
        )', 'p_value', ['selected_on']) }}
    ) as discovered
    {{ threshold_join('min_generic', 'XS05', 'min_generic_lines', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('min_weeks', 'XS05', 'min_weeks', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('min_lines', 'XS05', 'min_lines', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('min_dosed', 'XS05', 'min_ddd_coverage', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('jump', 'XS05', 'share_jump', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('max_p', 'XS05', 'max_p', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('ratio', 'XS05', 'cost_per_ddd_ratio', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('launch', 'XS05', 'launch_months', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('shortage', 'XS05', 'shortage_share', 'discovered.org_code', month_of('discovered.selected_on')) }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'discovered.org_code', month_of('discovered.selected_on')) }}
{%- endmacro %}

{#- Select: the series with level_change, level_error and level_z. -#}
{% macro class_switch_level(weeks) -%}
    select
        measured.*,
        {{ z_of_t('measured.level_change / nullif(measured.level_error, 0.0)', 'nullif(measured.degrees, 0)') }} as level_z
    from (
        select
            series.*,
            conditions.cost_ratio,
            conditions.shortage_share,
            conditions.first_month,
            conditions.history_start,
            lines.level_change,
            lines.degrees,
            greatest(
                lines.level_error,
                sqrt(0.25 / nullif(series.lines_before, 0) + 0.25 / nullif(series.lines_after, 0))
            ) as level_error
        from (
            select
                org_code,
                generic,
                drug_name,
                unit_code,
                max(dept_code) as dept_code,
                max(selected_on) as selected_on,
                count(distinct case when week < 0 then week end) as weeks_before,
                count(distinct case when week >= 0 then week end) as weeks_after,
                sum(case when week < 0 then class_lines else 0 end) as lines_before,
                sum(case when week >= 0 then class_lines else 0 end) as lines_after,
                sum(class_lines) as all_lines,
                sum(undosed) as undosed,
                sum(case when week < 0 then generic_lines else 0 end) as generic_before,
                sum(case when week < 0 then drug_ddds end)
                / nullif(sum(case when week < 0 then class_ddds end), 0) as share_before,
                sum(case when week >= 0 then drug_ddds end)
                / nullif(sum(case when week >= 0 then class_ddds end), 0) as share_after
            from {{ weeks }}
            group by org_code, generic, drug_name, unit_code
        ) as series
        left join (
            {{ segmented_level('(
                select
                    org_code,
                    generic,
                    drug_name,
                    unit_code,
                    week + 0.5 as x,
                    ' ~ as_double('sum(drug_ddds)') ~ ' / nullif(sum(class_ddds), 0) as y,
                    sum(class_lines) as w
                from ' ~ weeks ~ '
                group by org_code, generic, drug_name, unit_code, week
                having sum(class_ddds) > 0
            ) as points', ['org_code', 'generic', 'drug_name', 'unit_code']) }}
        ) as lines
            on
                lines.org_code = series.org_code
                and lines.generic = series.generic
                and lines.drug_name = series.drug_name
                and lines.unit_code = series.unit_code
        left join {{ ref('int_switch_condition') }} as conditions
            on
                conditions.org_code = series.org_code
                and conditions.generic = series.generic
                and conditions.drug_name = series.drug_name
    ) as measured
{%- endmacro %}
