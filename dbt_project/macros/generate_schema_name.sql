{#-
    Schemas are the layers' names; dbt's default would prefix them with the target's schema. What was
    known on a past day lies aside, e.g. in marts_known_20250131.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}{% if var('known_on') %}_known_{{ var('known_on') | replace('-', '') }}{% endif %}
{%- endmacro %}
