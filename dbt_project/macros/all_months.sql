{#- Every organisation-month of a landing table. -#}
{% macro all_months(fact, table, time) -%}
    select distinct
        '{{ fact }}' as fact,
        org_code,
        {{ month_of(time) }} as changed_month
    from {{ source('land', table) }}
    where {{ is_known('_batch_id') }}
{%- endmacro %}
