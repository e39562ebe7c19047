{#- Column of the catalogue and the entry of the metadata that it shows. -#}
{% set entries = {
    'indicator_id': 'indicator_id',
    'rule_version': 'rule_version',
    'family': 'family',
    'concept': 'concept',
    'name_zh': 'name_zh',
    'name_en': 'name_en',
    'kind': 'kind',
    'grain': 'grain',
    'focus_area': 'focus_area',
    'topic': 'topic',
    'formula_zh': 'formula_zh',
    'formula_en': 'formula_en',
    'legal_basis': 'legal_basis',
    'guards': 'guards',
    'false_positives': 'false_positives',
    'explanation_zh': 'explanation_zh',
    'author': 'author',
    'reviewer': 'reviewer',
    'reviewed_on': 'reviewed_on',
} %}

-- Grain: one indicator of this installation. Source: metadata of the indicator models.
with catalogue as (
    {%- for meta in indicator_metadata() %}
    {%- set required = [] %}
    {%- for table, columns in meta.required_columns.items() %}
    {%- do required.append(table ~ '(' ~ columns | join(', ') ~ ')') %}
    {%- endfor %}
    select
        {%- for column, entry in entries.items() %}
        {{ sql_text(meta_text(meta.get(entry))) }} as {{ column }},
        {%- endfor %}
        {{ sql_text(meta_text(meta.get('guards'), 'en')) }} as guards_en,
        {{ sql_text(required | join(' · ')) }} as required_columns
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {%- for column in entries %}
        null as {{ column }},
        {%- endfor %}
        {{ 'null as guards_en' }},
        null as required_columns
    where 1 = 0
    {%- endfor %}
),

typed as (
    select
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(rule_version as varchar(20)) as rule_version,
        cast(family as varchar(30)) as family,
        cast(concept as varchar(30)) as concept,
        cast(name_zh as varchar(100)) as name_zh,
        cast(name_en as varchar(100)) as name_en,
        cast(kind as varchar(10)) as kind,
        cast(grain as varchar(200)) as grain,
        cast(focus_area as varchar(20)) as focus_area,
        cast(topic as varchar(60)) as topic,
        cast(formula_zh as varchar(2000)) as formula_zh,
        cast(formula_en as varchar(2000)) as formula_en,
        cast(legal_basis as varchar(1000)) as legal_basis,
        cast(guards as varchar(2000)) as guards,
        cast(guards_en as varchar(2000)) as guards_en,
        cast(false_positives as varchar(2000)) as false_positives,
        cast(explanation_zh as varchar(1000)) as explanation_zh,
        cast(required_columns as varchar(2000)) as required_columns,
        cast(author as varchar(60)) as author,
        cast(reviewer as varchar(60)) as reviewer,
        cast(reviewed_on as date) as reviewed_on
    from catalogue
)

select * from typed
