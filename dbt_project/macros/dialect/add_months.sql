{#- A date moved by a number of months (an expression), as a date. -#}
{% macro add_months(day, months) -%}
    {{ return(adapter.dispatch('add_months', 'qinglian')(day, months)) }}
{%- endmacro %}

{% macro default__add_months(day, months) -%}
    /* dialect:begin */ cast({{ day }} + ({{ months }}) * interval '1 month' as date) /* dialect:end */
{%- endmacro %}

{% macro spark__add_months(day, months) -%}
    /* dialect:begin */ add_months({{ day }}, {{ months }}) /* dialect:end */
{%- endmacro %}
