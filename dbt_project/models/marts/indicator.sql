{% set texts = [
    'indicator_id', 'rule_version', 'family', 'name_zh', 'name_en', 'kind', 'grain', 'focus_area', 'topic',
    'formula_zh', 'legal_basis', 'false_positives', 'explanation_zh',
] %}

-- Grain: one indicator of this installation. Source: metadata of the indicator models.
with catalogue as (
    {%- for meta in indicator_metadata() %}
    select
        {%- for name in texts %}
        {{ sql_text(meta.get(name)) }} as {{ name }},
        {%- endfor %}
        {{ sql_text(meta.get('guards', []) | map(attribute='zh') | join('；')) }} as guards,
        '
        {%- for table, columns in meta.required_columns.items() -%}
        {{ table }}({{ columns | join(', ') }}){{ '' if loop.last else ' · ' }}
        {%- endfor -%}
        ' as required_columns,
        {{ sql_text(meta.get('author')) }} as author,
        {{ sql_text(meta.get('reviewer')) }} as reviewer,
        {{ sql_text(meta.get('reviewed_on')) }} as reviewed_on
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {%- for name in texts %}
        null as {{ name }},
        {%- endfor %}
        null as guards,
        null as required_columns,
        null as author,
        null as reviewer,
        null as reviewed_on
    where 1 = 0
    {%- endfor %}
),

typed as (
    select
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(rule_version as varchar(20)) as rule_version,
        cast(family as varchar(30)) as family,
        cast(name_zh as varchar(100)) as name_zh,
        cast(name_en as varchar(100)) as name_en,
        cast(kind as varchar(10)) as kind,
        cast(grain as varchar(200)) as grain,
        cast(focus_area as varchar(20)) as focus_area,
        cast(topic as varchar(60)) as topic,
        cast(formula_zh as varchar(2000)) as formula_zh,
        cast(legal_basis as varchar(1000)) as legal_basis,
        cast(guards as varchar(2000)) as guards,
        cast(false_positives as varchar(2000)) as false_positives,
        cast(explanation_zh as varchar(1000)) as explanation_zh,
        cast(required_columns as varchar(2000)) as required_columns,
        cast(author as varchar(60)) as author,
        cast(reviewer as varchar(60)) as reviewer,
        cast(reviewed_on as date) as reviewed_on
    from catalogue
)

select * from typed
