{#- A value as a SQL text literal; null where there is none. -#}
{% macro sql_text(value) -%}
    {%- if value is none or value is undefined or value == '' -%}
    null
    {%- else -%}
    '{{ value | string | replace("'", "''") | replace('\n', ' ') | trim }}'
    {%- endif -%}
{%- endmacro %}
