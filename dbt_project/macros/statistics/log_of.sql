{#- ln(1 + x) of an amount or count that is not negative, as a decimal, so that sums do not depend on the order of rows. -#}
{% macro log_of(x) -%}
    cast(ln(1.0 + {{ as_double(x) }}) as numeric(18, 6))
{%- endmacro %}
