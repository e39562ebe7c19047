{#- A whole number that tells a text from nearly every other: the sum over rows tells whether two sets of keys differ. -#}
{% macro text_number(value) -%}
    {{ return(adapter.dispatch('text_number', 'qinglian')(value)) }}
{%- endmacro %}

{% macro default__text_number(value) -%}
    cast(/* dialect:begin */ hashtextextended({{ value }}, 0) /* dialect:end */ as numeric(38, 0))
{%- endmacro %}

{% macro spark__text_number(value) -%}
    cast(/* dialect:begin */ xxhash64({{ value }}) /* dialect:end */ as numeric(38, 0))
{%- endmacro %}
