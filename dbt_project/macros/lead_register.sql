{#-
    The present marts.lead when leads of a past day are built aside, else nothing. It alone knows
    when a lead was first seen; named and not referenced, since it lies outside that build.
-#}
{% macro lead_register() -%}
    {%- if execute and var('known_on') -%}
        {{ return(adapter.get_relation(database=target.database, schema='marts', identifier='lead')) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
