-- Grain: one organisation, landed table and place of its rows: versions that landed, superseded and vanished ones, rows
-- that are present and left out for one reason, due in core, and in core.
-- Rule: landed = superseded + vanished + left out + due, and due = in core, or the week's test has failed. key_number
-- sums numbers made of the keys: two counts that agree are of the same rows where it agrees too. checked_on is the day
-- of the last weekly maintenance.
-- Source: quality.row_place.
with places as (
    select * from {{ ref('row_place') }}
),

labels as (
    {{ landing_tables() }}
),

reasons as (
    {%- for table, entry in landed_tables().items() if entry.not_in_core %}
    select
        '{{ table }}' as table_name,
        {{ sql_text(entry.not_in_core) }} as reason_zh,
        {{ sql_text(entry.en) }} as reason_en
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

typed as (
    select
        cast(places.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(places.table_name as varchar(40)) as table_name,
        cast(labels.table_zh as varchar(60)) as table_zh,
        cast(places.fate as varchar(20)) as fate,
        cast(fate_label.label_zh as varchar(60)) as fate_zh,
        cast(fate_label.label_en as varchar(100)) as fate_en,
        cast(places.row_count as bigint) as row_count,
        cast(places.key_number as numeric(38, 0)) as key_number,
        cast(case when places.fate = 'not_in_core' then reasons.reason_zh end as varchar(300)) as reason_zh,
        cast(case when places.fate = 'not_in_core' then reasons.reason_en end as varchar(300)) as reason_en,
        {{ detect_date() }} as checked_on
    from places
    left join {{ ref('dim_organisation') }} as organisations on places.org_code = organisations.org_code
    left join labels on places.table_name = labels.table_name
    left join reasons on places.table_name = reasons.table_name
    left join {{ ref('code_label') }} as fate_label
        on fate_label.code_set = 'row_fate' and places.fate = fate_label.code
)

select * from typed
