{#- Day of the detection run as a SQL date. -#}
{% macro detect_date() -%}
    cast('{{ var("detect_date") or run_started_at.strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}
