{#- Whether a text holds what a regular expression (an expression) describes; null where either is null. -#}
{% macro matches_pattern(value, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern', 'qinglian')(value, pattern)) }}
{%- endmacro %}

{% macro default__matches_pattern(value, pattern) -%}
    /* dialect:begin */ ({{ value }} ~ {{ pattern }}) /* dialect:end */
{%- endmacro %}

{% macro spark__matches_pattern(value, pattern) -%}
    /* dialect:begin */ ({{ value }} rlike {{ pattern }}) /* dialect:end */
{%- endmacro %}
