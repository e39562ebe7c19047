{#- An amount as text with its cents: 105.5 becomes 105.50. -#}
{% macro as_money(value) -%}
    {{ as_text('cast(' ~ value ~ ' as numeric(18, 2))') }}
{%- endmacro %}
