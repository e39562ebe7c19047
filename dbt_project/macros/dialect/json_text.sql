{#- One field of a column that holds JSON documents, as text; null where a document has none. -#}
{% macro json_text(column, field) -%}
    {{ return(adapter.dispatch('json_text', 'qinglian')(column, field)) }}
{%- endmacro %}

{% macro default__json_text(column, field) -%}
    /* dialect:begin */ ("{{ column }}" ->> '{{ field }}') /* dialect:end */
{%- endmacro %}

{% macro spark__json_text(column, field) -%}
    /* dialect:begin */ get_json_object(`{{ column }}`, '$.{{ field }}') /* dialect:end */
{%- endmacro %}
