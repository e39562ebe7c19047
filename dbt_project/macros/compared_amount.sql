{#- What of a prescription is compared: its amount, of a long-term one that of a day; null without days. -#}
{% macro compared_amount(relation) -%}
    case
        when {{ is_long_term(relation) }} then {{ relation }}.amount / nullif({{ relation }}.days_supply, 0)
        else {{ relation }}.amount
    end
{%- endmacro %}
