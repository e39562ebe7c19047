{#-
    Joins one threshold of `core.org_threshold` as `alias` (its column is `value`): what holds for
    the organisation in the month, the hospital's own value before that of its district, its type, its
    level and the general one. `qualifier` selects among values of one parameter, e.g. a zone ('yellow').
    `org_code` and `month` are SQL expressions of the driving table; `qualifier_sql` is an expression too,
    where each row has a qualifier of its own.
-#}
{% macro threshold_join(alias, indicator, param, org_code, month, qualifier='', qualifier_sql=none) -%}
    left join {{ ref('org_threshold') }} as {{ alias }}
        on
            {{ alias }}.org_code = {{ org_code }}
            and {{ month }} between {{ alias }}.valid_from and {{ alias }}.valid_to
            and {{ alias }}.indicator_id = '{{ indicator }}'
            and {{ alias }}.param = '{{ param }}'
            and {{ alias }}.qualifier = {{ qualifier_sql or "'" ~ qualifier ~ "'" }}
{%- endmacro %}
