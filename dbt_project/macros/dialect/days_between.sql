{#- Whole days from one date to a later one (negative where it is earlier). -#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between', 'qinglian')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    /* dialect:begin */ (cast({{ later }} as date) - cast({{ earlier }} as date)) /* dialect:end */
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    /* dialect:begin */ datediff({{ later }}, {{ earlier }}) /* dialect:end */
{%- endmacro %}
