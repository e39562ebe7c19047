{#-
    Select: the months for which an organisation must answer (core.org_month: org_code, period_month) with the
    names of the tables that it sent in them, as one text (table_names; empty where it sent none).

    `sent` has one row an organisation, month_start and table_name. Months with the same text lack the same tables:
    what lacks a table is found out once for each text.
-#}
{% macro months_with_tables(sent) -%}
    select
        months.org_code,
        months.month_start as period_month,
        coalesce(sent_sets.table_names, '') as table_names
    from {{ ref('org_month') }} as months
    left join (
        select
            org_code,
            month_start,
            {{ text_list('table_name') }} as table_names
        from {{ sent }}
        group by org_code, month_start
    ) as sent_sets
        on
            months.org_code = sent_sets.org_code
            and months.month_start = sent_sets.month_start
{%- endmacro %}
