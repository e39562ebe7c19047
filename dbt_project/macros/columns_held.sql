{#- Names of the columns that a relation has in the database now, which may be fewer than its model gives. -#}
{% macro columns_held(relation) -%}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | list) }}
{%- endmacro %}
