{#- A decimal as text with two decimals and a comma at each thousand: 1105.5 becomes 1,105.50. -#}
{% macro grouped_amount(value) -%}
    {{ return(adapter.dispatch('grouped_amount', 'qinglian')(value)) }}
{%- endmacro %}

{% macro default__grouped_amount(value) -%}
    /* dialect:begin */ to_char({{ value }}, 'FM999,999,999,999,999,990.00') /* dialect:end */
{%- endmacro %}

{% macro spark__grouped_amount(value) -%}
    /* dialect:begin */ format_number({{ value }}, 2) /* dialect:end */
{%- endmacro %}
