{#- Number of bits in which two bigints differ. -#}
{% macro hamming_distance(first, second) -%}
    {{ return(adapter.dispatch('hamming_distance', 'qinglian')(first, second)) }}
{%- endmacro %}

{#- Exclusive or as the difference of or and and, which is the same: `#` is PostgreSQL's alone. -#}
{% macro default__hamming_distance(first, second) -%}
    /* dialect:begin */ bit_count(cast(
        (cast({{ first }} as bigint) | cast({{ second }} as bigint))
        - (cast({{ first }} as bigint) & cast({{ second }} as bigint)) as bit(64)
    )) /* dialect:end */
{%- endmacro %}

{% macro spark__hamming_distance(first, second) -%}
    /* dialect:begin */ bit_count(cast({{ first }} as bigint) ^ cast({{ second }} as bigint)) /* dialect:end */
{%- endmacro %}
