{#-
    Select: org_code and month_start of the months for which a rule set has no row, neither of the
    organisation nor of the region ('*'). A rule that ends within a month held in it. `rules` is a model
    with org_code, valid_from and valid_to; `key` a column of it that is never empty.
-#}
{% macro months_without_rules(rules, key) -%}
    select
        months.org_code,
        months.month_start
    from {{ ref('org_month') }} as months
    left join {{ ref(rules) }} as rules
        on
            rules.org_code in ('*', months.org_code)
            and rules.valid_from < {{ add_months('months.month_start', 1) }}
            and rules.valid_to >= months.month_start
    where rules.{{ key }} is null
{%- endmacro %}
