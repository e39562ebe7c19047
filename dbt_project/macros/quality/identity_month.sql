{#-
    Select: one identity counted by organisation and month.

    `relation` has one row a thing checked: org_code, period_month, row_key and the column `holds`:
    true, false, or null where it cannot be said, with the reason in `reason` (an expression).
    `weight` is what a row counts for: 1, or its amount in CNY. The numerator is what holds, the
    denominator what could be judged; example_key names one row that fails.
-#}
{% macro identity_month(identity_id, table_name, relation, holds='holds', aspect='rows', weight='1', reason="'missing_values'") -%}
    select
        '{{ identity_id }}' as identity_id,
        '{{ aspect }}' as aspect,
        '{{ table_name }}' as table_name,
        verdict.org_code,
        verdict.period_month,
        cast(sum(case when verdict.holds then verdict.weight else 0 end) as numeric(20, 2)) as numerator,
        cast(sum(case when verdict.holds is not null then verdict.weight else 0 end) as numeric(20, 2)) as denominator,
        cast(sum(case when verdict.holds is null then verdict.weight else 0 end) as numeric(20, 2)) as not_evaluable,
        min(case when verdict.holds is null then verdict.reason end) as reason,
        min(case when not verdict.holds then verdict.row_key end) as example_key
    from (
        select
            org_code,
            period_month,
            {{ holds }} as holds,
            sum({{ weight }}) as weight,
            min({{ reason }}) as reason,
            min(row_key) as row_key
        from {{ relation }}
        group by org_code, period_month, {{ holds }}
    ) as verdict
    group by verdict.org_code, verdict.period_month
{%- endmacro %}
