{#- One field of a JSON document as text, null where it has none. -#}
{% macro json_text(document, field) -%}
    {{ return(adapter.dispatch('json_text', 'qinglian')(document, field)) }}
{%- endmacro %}

{% macro default__json_text(document, field) -%}
    /* dialect:begin */ ({{ document }} ->> '{{ field }}') /* dialect:end */
{%- endmacro %}

{% macro spark__json_text(document, field) -%}
    /* dialect:begin */ get_json_object({{ document }}, '$.{{ field }}') /* dialect:end */
{%- endmacro %}
