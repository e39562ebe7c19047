{#- Number of unordered pairs among n things. -#}
{% macro pairs_of(n) -%}
    ({{ n }} * ({{ n }} - 1) / 2)
{%- endmacro %}
