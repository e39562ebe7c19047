{#- Day of the detection run as a SQL date.

    Not asked for while dbt parses: what it parsed for one day then serves every other day. -#}
{% macro detect_date() -%}
    {%- set given = var("detect_date") or (env_var("QINGLIAN_DETECT_DATE", "") if execute else none) -%}
    cast('{{ given or run_started_at.strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}
