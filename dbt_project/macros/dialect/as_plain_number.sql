{#- A decimal as text without trailing zeros, as people write it: 5.0000 becomes 5. -#}
{% macro as_plain_number(value) -%}
    {{ return(adapter.dispatch('as_plain_number', 'qinglian')(value)) }}
{%- endmacro %}

{% macro default__as_plain_number(value) -%}
    /* dialect:begin */ cast(trim_scale({{ value }}) as text) /* dialect:end */
{%- endmacro %}

{% macro spark__as_plain_number(value) -%}
    /* dialect:begin */ regexp_replace(cast({{ value }} as string), '\\.?0+$', '') /* dialect:end */
{%- endmacro %}
