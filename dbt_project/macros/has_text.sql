{#-
    Whether a text column holds anything. The coalesce keeps PostgreSQL from expecting that next to
    no row is null, which it does for `… is null` over an expression.
-#}
{% macro has_text(column) -%}
    coalesce(nullif(trim({{ column }}), '') is not null, false)
{%- endmacro %}
