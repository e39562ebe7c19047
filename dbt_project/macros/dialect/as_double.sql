{#- A number in double precision: logarithms and powers of decimals are slow and gain nothing. -#}
{% macro as_double(value) -%}
    {{ return(adapter.dispatch('as_double', 'qinglian')(value)) }}
{%- endmacro %}

{% macro default__as_double(value) -%}
    cast({{ value }} as /* dialect:begin */ double precision /* dialect:end */)
{%- endmacro %}

{% macro spark__as_double(value) -%}
    cast({{ value }} as /* dialect:begin */ double /* dialect:end */)
{%- endmacro %}
