{{ config(materialized='table') }}

-- Grain: one landed table, source and organisation: rows of landing and the keys that they are versions of.
-- Rule: a key is gone where its last version says that it vanished at the source; the other versions are superseded.
-- Source: land.*.
with versions as (
    {%- for table, entry in landed_tables().items() %}
    select
        '{{ table }}' as table_name,
        org_code,
        max(_src_system) as source_id,
        count(*) as version_count,
        case
            when max(_batch_id) = max(case when coalesce(src_is_deleted, false) then _batch_id end) then 1
            else 0
        end as is_gone
    from {{ source('land', table) }}
    where {{ is_known('_batch_id') }}
    group by {{ (['org_code'] + entry.key) | join(', ') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        table_name,
        source_id,
        org_code,
        cast(sum(version_count) as bigint) as row_count,
        cast(count(*) as bigint) as key_count,
        cast(sum(version_count) - count(*) as bigint) as superseded,
        cast(sum(is_gone) as bigint) as gone
    from versions
    group by table_name, source_id, org_code
)

select * from counted
