{#-
    Select: every table that a contract describes (table_name, table_zh, domain), from the dbt
    sources that are rendered from the contracts. The Chinese name ends at the first colon.
-#}
{% macro landing_tables() -%}
    {%- set tables = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.schema == 'land' -%}
            {%- do tables.append(node) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for node in tables %}
    select
        {{ sql_text(node.name) }} as table_name,
        {{ sql_text(node.description.split('：')[0]) }} as table_zh,
        {{ sql_text(node.config.meta.domain) }} as domain
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        '' as table_name,
        '' as table_zh,
        '' as domain
    where 1 = 0
    {%- endfor %}
{%- endmacro %}
