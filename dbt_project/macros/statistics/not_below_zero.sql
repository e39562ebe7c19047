{#- A share or rate that is expected from a deviation: no less than 0, and null where it is not known. -#}
{% macro not_below_zero(value) -%}
    case when {{ value }} < 0 then 0 else {{ value }} end
{%- endmacro %}
