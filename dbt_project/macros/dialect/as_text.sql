{#- A value as text. -#}
{% macro as_text(value) -%}
    {{ return(adapter.dispatch('as_text', 'qinglian')(value)) }}
{%- endmacro %}

{% macro default__as_text(value) -%}
    cast({{ value }} as /* dialect:begin */ text /* dialect:end */)
{%- endmacro %}

{% macro spark__as_text(value) -%}
    cast({{ value }} as /* dialect:begin */ string /* dialect:end */)
{%- endmacro %}
