{#- Whether the table has a unique index of just these columns: PostgreSQL refuses doubles by it, Spark has none. -#}
{% macro is_unique_by_index(model, columns) -%}
    {{ return(adapter.dispatch('is_unique_by_index', 'qinglian')(model, columns)) }}
{%- endmacro %}

{#- Asked of the database, since an index that the model's file names may be missing from an older table. -#}
{% macro default__is_unique_by_index(model, columns) -%}
    {%- set indexes = run_query(get_show_indexes_sql(model)) if execute and model is not string else [] -%}
    {%- for index in indexes if index['unique'] and index['column_names'].split(',') | sort == columns | sort -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{% macro spark__is_unique_by_index(model, columns) -%}
    {{ return(false) }}
{%- endmacro %}
