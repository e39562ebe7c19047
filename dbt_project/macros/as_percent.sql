{#- A ratio as a percentage with at most two decimals: 0.1250 becomes 12.5%. -#}
{% macro as_percent(value) -%}
    {{ as_plain_number('round(' ~ value ~ ' * 100, 2)') }} || '%'
{%- endmacro %}
