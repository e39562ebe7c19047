{#-
    Select: every check of every identity (identity_id, number, name_zh, dimension, aspect,
    table_name, required_table), one row a table that the check requires.
-#}
{% macro identity_checks() -%}
    {%- set rows = [] -%}
    {%- for identity in identity_metadata() -%}
        {%- for check in identity.checks -%}
            {%- for required in check.get('requires', [check.table]) -%}
                {%- do rows.append((identity, check, required)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for identity, check, required in rows %}
    select
        '{{ identity.id }}' as identity_id,
        {{ identity.number }} as number,
        {{ sql_text(identity.name_zh) }} as name_zh,
        '{{ check.get("dimension", identity.dimension) }}' as dimension,
        '{{ check.get("aspect", "rows") }}' as aspect,
        '{{ check.table }}' as table_name,
        '{{ required }}' as required_table
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        '' as identity_id,
        0 as number,
        '' as name_zh,
        '' as dimension,
        '' as aspect,
        '' as table_name,
        '' as required_table
    where 1 = 0
    {%- endfor %}
{%- endmacro %}
