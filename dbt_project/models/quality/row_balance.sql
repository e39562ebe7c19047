-- Grain: one step that lost or doubled rows, with the source and table concerned; none where all is well.
-- Rule: ledger to landing, by source and table: rows that the ledger calls loaded or vanished are rows of landing.
-- Landing to present, by organisation: keys of landing are there now or gone. Present to core, by organisation and month:
-- rows, keys, first and last business date of what is due in core are core's. Where rows were loaded since the models of
-- core read theirs, as by a deep reload, a difference is told as a step of its own: the next detection brings them.
-- Source: staging.stg_ops__batch, staging.stg_ops__landed_key, quality.row_fate, core.batch_built.
with landed as (
    select * from {{ ref('stg_ops__landed_key') }}
),

ledger as (
    select
        table_name,
        source_id,
        sum(loaded + vanished) as row_count
    from {{ ref('stg_ops__batch') }}
    where
        state = 'loaded'
        and table_name in (
            {%- for table in landed_tables() %}
            '{{ table }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    group by table_name, source_id
    having sum(loaded + vanished) > 0
),

landed_by_source as (
    select
        table_name,
        source_id,
        sum(row_count) as row_count
    from landed
    group by table_name, source_id
),

landed_by_org as (
    select
        table_name,
        org_code,
        {{ text_list('source_id') }} as source_id,
        sum(key_count - gone) as row_count
    from landed
    group by table_name, org_code
),

moved as (
    select distinct
        batches.table_name,
        batches.source_id
    from {{ ref('stg_ops__batch') }} as batches
    left join {{ ref('batch_built') }} as built on batches.batch_id = built.batch_id
    where batches.state = 'loaded' and batches.loaded + batches.vanished > 0 and built.batch_id is null
),

landed_and_moved as (
    select distinct
        landed.table_name,
        landed.org_code
    from landed
    inner join moved
        on landed.table_name = moved.table_name and landed.source_id = moved.source_id
),

-- Whether a row is due in core depends on rows of other tables: a line's on its prescription, a bid's on its lot.
depends_on as (
    {{ fates_depend_on() }}
),

moved_by_org as (
    select
        table_name,
        org_code
    from landed_and_moved
    union
    select
        depends_on.table_name,
        landed_and_moved.org_code
    from landed_and_moved
    inner join depends_on on landed_and_moved.table_name = depends_on.on_table
),

present as (
    select
        table_name,
        org_code,
        sum(row_count) as row_count
    from {{ ref('row_fate') }}
    where fate <> 'in_core'
    group by table_name, org_code
),

fates as (
    select
        table_name,
        org_code,
        period_month,
        fate,
        row_count,
        key_number,
        first_at,
        last_at
    from {{ ref('row_fate') }}
),

due as (
    select * from fates
    where fate = 'due_in_core'
),

in_core as (
    select * from fates
    where fate = 'in_core'
),

steps as (
    select
        'ledger_to_landing' as step,
        coalesce(ledger.table_name, landed_by_source.table_name) as table_name,
        coalesce(ledger.source_id, landed_by_source.source_id) as source_id,
        cast(null as varchar(12)) as org_code,
        cast(null as date) as period_month,
        coalesce(ledger.row_count, 0) as expected_rows,
        coalesce(landed_by_source.row_count, 0) as found_rows,
        coalesce(ledger.row_count, 0) = coalesce(landed_by_source.row_count, 0) as is_whole
    from ledger
    full outer join landed_by_source
        on
            landed_by_source.table_name = ledger.table_name
            and landed_by_source.source_id = ledger.source_id
    union all
    select
        'landing_to_present' as step,
        landed_by_org.table_name,
        landed_by_org.source_id,
        landed_by_org.org_code,
        cast(null as date) as period_month,
        landed_by_org.row_count as expected_rows,
        coalesce(present.row_count, 0) as found_rows,
        landed_by_org.row_count = coalesce(present.row_count, 0) as is_whole
    from landed_by_org
    left join present
        on
            landed_by_org.table_name = present.table_name
            and landed_by_org.org_code = present.org_code
    union all
    select
        case when moved_by_org.org_code is null then 'present_to_core' else 'moved_since_detection' end as step,
        coalesce(due.table_name, in_core.table_name) as table_name,
        landed_by_org.source_id,
        coalesce(due.org_code, in_core.org_code) as org_code,
        coalesce(due.period_month, in_core.period_month) as period_month,
        coalesce(due.row_count, 0) as expected_rows,
        coalesce(in_core.row_count, 0) as found_rows,
        coalesce(
            due.row_count = in_core.row_count
            and due.key_number = in_core.key_number
            and coalesce(due.first_at = in_core.first_at, due.first_at is null and in_core.first_at is null)
            and coalesce(due.last_at = in_core.last_at, due.last_at is null and in_core.last_at is null),
            false
        ) as is_whole
    from due
    full outer join in_core
        on
            due.table_name = in_core.table_name
            and due.org_code = in_core.org_code
            and due.period_month = in_core.period_month
    left join landed_by_org
        on
            coalesce(due.table_name, in_core.table_name) = landed_by_org.table_name
            and coalesce(due.org_code, in_core.org_code) = landed_by_org.org_code
    left join moved_by_org
        on
            landed_by_org.table_name = moved_by_org.table_name
            and landed_by_org.org_code = moved_by_org.org_code
),

broken as (
    select
        step,
        table_name,
        source_id,
        org_code,
        period_month,
        cast(expected_rows as bigint) as expected_rows,
        cast(found_rows as bigint) as found_rows
    from steps
    where not is_whole
)

select * from broken
