{#- A date moved by a number of days (an expression), as a date. -#}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days', 'qinglian')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    /* dialect:begin */ cast({{ day }} + ({{ days }}) * interval '1 day' as date) /* dialect:end */
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    /* dialect:begin */ date_add({{ day }}, {{ days }}) /* dialect:end */
{%- endmacro %}
