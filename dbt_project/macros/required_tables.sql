{#- Select: the tables that each indicator requires (indicator_id, table_name), from its metadata. -#}
{% macro required_tables() -%}
    {%- set pairs = [] -%}
    {%- for meta in indicator_metadata() -%}
        {%- for table in meta.required_columns -%}
            {%- do pairs.append((meta.indicator_id, table)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for indicator_id, table in pairs %}
    select
        '{{ indicator_id }}' as indicator_id,
        '{{ table }}' as table_name
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        '' as indicator_id,
        '' as table_name
    where 1 = 0
    {%- endfor %}
{%- endmacro %}
