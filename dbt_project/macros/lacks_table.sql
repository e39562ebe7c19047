{#- Condition: the text of table names (`months_with_tables`) does not hold the name of this table. -#}
{% macro lacks_table(table_names, table_name) -%}
    position(', ' || {{ table_name }} || ',' in ', ' || {{ table_names }} || ',') = 0
{%- endmacro %}
