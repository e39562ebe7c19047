{#- First day of the month of a date or timestamp, as a date. -#}
{% macro month_of(moment) -%}
    cast(date_trunc('month', {{ moment }}) as date)
{%- endmacro %}
