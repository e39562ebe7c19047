{#- Whether the model has a unique index of just these columns, in whatever order: PostgreSQL refuses doubles, Spark does not. -#}
{% macro is_unique_by_index(model, columns) -%}
    {{ return(adapter.dispatch('is_unique_by_index', 'qinglian')(model, columns)) }}
{%- endmacro %}

{% macro default__is_unique_by_index(model, columns) -%}
    {%- set name = (model | string).split('.')[-1] | replace('"', '') -%}
    {%- set node = graph.nodes.get('model.qinglian.' ~ name) if execute -%}
    {%- for index in (node.config.indexes if node else []) or [] if index.unique and index.columns | sort == columns | sort -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{% macro spark__is_unique_by_index(model, columns) -%}
    {{ return(false) }}
{%- endmacro %}
