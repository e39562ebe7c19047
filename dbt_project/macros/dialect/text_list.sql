{#- Aggregate: the values of a text column, sorted, separated by a comma and a space. -#}
{% macro text_list(column) -%}
    {{ return(adapter.dispatch('text_list', 'qinglian')(column)) }}
{%- endmacro %}

{% macro default__text_list(column) -%}
    /* dialect:begin */ string_agg({{ column }}, ', ' order by {{ column }}) /* dialect:end */
{%- endmacro %}

{% macro spark__text_list(column) -%}
    /* dialect:begin */ array_join(sort_array(collect_list({{ column }})), ', ') /* dialect:end */
{%- endmacro %}
