{#- An amount as text to be read, with its cents: 1105.5 becomes 1,105.50. -#}
{% macro as_money(value) -%}
    {{ grouped_amount('cast(' ~ value ~ ' as numeric(18, 2))') }}
{%- endmacro %}
