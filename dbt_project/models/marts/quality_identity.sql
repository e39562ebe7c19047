-- Grain: one identity on data quality. Source: metadata of the models in models/quality, ref.threshold.
with catalogue as (
    {%- for identity in identity_metadata() %}
    {%- set tables = [] %}
    {%- for check in identity.checks if check.table not in tables %}
    {%- do tables.append(check.table) %}
    {%- endfor %}
    select
        {{ sql_text(identity.id) }} as identity_id,
        {{ identity.number }} as number,
        {{ sql_text(identity.name_zh) }} as name_zh,
        {{ sql_text(identity.name_en) }} as name_en,
        {{ sql_text(identity.dimension) }} as dimension,
        {{ sql_text(identity.meaning_zh) }} as meaning_zh,
        {{ sql_text(identity.tolerance_zh) }} as tolerance_zh,
        {{ sql_text(tables | join(', ')) }} as tables
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        null as identity_id,
        null as number,
        null as name_zh,
        null as name_en,
        null as dimension,
        null as meaning_zh,
        null as tolerance_zh,
        null as tables
    where 1 = 0
    {%- endfor %}
),

limits as (
    select
        indicator_id,
        max(value) as min_share
    from {{ ref('threshold') }}
    where param = 'min_share' and scope = '*'
    group by indicator_id
),

typed as (
    select
        cast(catalogue.identity_id as varchar(10)) as identity_id,
        cast(catalogue.number as integer) as number,
        cast(catalogue.name_zh as varchar(100)) as name_zh,
        cast(catalogue.name_en as varchar(100)) as name_en,
        cast(catalogue.dimension as varchar(20)) as dimension,
        cast(catalogue.meaning_zh as varchar(1000)) as meaning_zh,
        cast(catalogue.tolerance_zh as varchar(1000)) as tolerance_zh,
        cast(coalesce(limits.min_share, 1) as numeric(7, 6)) as min_share,
        cast(catalogue.tables as varchar(500)) as tables
    from catalogue
    left join limits on catalogue.identity_id = limits.indicator_id
)

select * from typed
