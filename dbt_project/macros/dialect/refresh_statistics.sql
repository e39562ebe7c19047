{#-
    Post-hook: planner statistics of a table just built. PostgreSQL's autovacuum would gather them
    a minute later, when the models that read the table have long been planned without.
-#}
{% macro refresh_statistics(relation) -%}
    {{ return(adapter.dispatch('refresh_statistics', 'qinglian')(relation)) }}
{%- endmacro %}

{% macro default__refresh_statistics(relation) -%}
    {%- if model.config.materialized != 'view' -%} analyze {{ relation }} {%- endif -%}
{%- endmacro %}

{% macro spark__refresh_statistics(relation) -%}
    analyze table {{ relation }} compute statistics
{%- endmacro %}
