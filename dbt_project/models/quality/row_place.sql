-- Grain: one landed table, organisation and place of its rows: versions that landed, superseded and vanished ones, and the
-- fates of what is present, over all months.
-- Source: staging.stg_ops__landed_key, quality.row_fate.
with landed as (
    select
        table_name,
        org_code,
        sum(row_count) as row_count,
        sum(superseded) as superseded,
        sum(gone) as gone
    from {{ ref('stg_ops__landed_key') }}
    group by table_name, org_code
),

fates as (
    select
        table_name,
        org_code,
        fate,
        sum(row_count) as row_count,
        sum(key_number) as key_number
    from {{ ref('row_fate') }}
    group by table_name, org_code, fate
),

places as (
    select
        table_name,
        org_code,
        'landed' as fate,
        row_count,
        cast(null as numeric(38, 0)) as key_number
    from landed
    union all
    select
        table_name,
        org_code,
        'superseded' as fate,
        superseded as row_count,
        null as key_number
    from landed
    union all
    select
        table_name,
        org_code,
        'vanished' as fate,
        gone as row_count,
        null as key_number
    from landed
    union all
    select * from fates
)

select * from places
