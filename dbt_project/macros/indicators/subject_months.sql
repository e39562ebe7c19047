{#-
    Select: one row a subject and month from `rows`, the judged things that it answers for.

    `rows` has org_code, subject_id, period_start (the first of a month), outcome and verdict. What
    fires is a record that breaks a rule: zone red, state 疑点. `columns` are further aggregates by name, `n` is
    the number of judged things where a row stands for several.
-#}
{% macro subject_months(rows, columns={}, n='count(*)') -%}
    select
        org_code,
        subject_id,
        period_start,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        'red' as zone,
        '疑点' as state,
        {{ n }} as n
        {%- for name, aggregate in columns.items() %},
        {{ aggregate }} as {{ name }}
        {%- endfor %}
    from {{ rows }}
    group by org_code, subject_id, period_start
{%- endmacro %}
