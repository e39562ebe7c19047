{#- A moment moved by a number of hours (an expression). -#}
{% macro add_hours(moment, hours) -%}
    {{ return(adapter.dispatch('add_hours', 'qinglian')(moment, hours)) }}
{%- endmacro %}

{% macro default__add_hours(moment, hours) -%}
    /* dialect:begin */ ({{ moment }} + ({{ hours }}) * interval '1 hour') /* dialect:end */
{%- endmacro %}

{% macro spark__add_hours(moment, hours) -%}
    /* dialect:begin */ timestampadd(hour, {{ hours }}, {{ moment }}) /* dialect:end */
{%- endmacro %}
