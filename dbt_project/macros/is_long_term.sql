{#- Whether a prescription is a long-term one, by its kind or its flag. -#}
{% macro is_long_term(relation) -%}
    ({{ relation }}.rx_kind = 'long_term' or {{ relation }}.long_term_flag)
{%- endmacro %}
