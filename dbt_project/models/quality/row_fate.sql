-- Grain: one landed table, organisation, business month (of the largest tables) and fate of the rows that are present.
-- Rule: those of all groups, and of the tables that nobody reads the keys of landing that are there now (unread).
-- Source: quality.row_fate_*, staging.stg_ops__landed_key.
with unread as (
    select
        table_name,
        org_code,
        cast('0001-01-01' as date) as period_month,
        'not_in_core' as fate,
        cast(sum(key_count - gone) as bigint) as row_count,
        cast(0 as numeric(38, 0)) as key_number,
        cast(null as timestamp) as first_at,
        cast(null as timestamp) as last_at
    from {{ ref('stg_ops__landed_key') }}
    where
        table_name in (
            {%- for table, entry in landed_tables().items() if not entry.rows %}
            '{{ table }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    group by table_name, org_code
),

fates as (
    {%- for group in core_of_landing() %}
    select * from {{ ref('row_fate_' ~ group) }}
    union all
    {%- endfor %}
    select * from unread
)

select * from fates
