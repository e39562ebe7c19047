-- Grain: one batch, whatever became of it. Source: ops.batch, ops.run.
-- Rule: it belongs to the month of the business date for which it was run; a source's first run of a table
-- brings its history, so that nothing in it is late. A repeat is a batch that found everything as it was, after
-- an earlier run of the same business date had loaded the table: reading twice is no second delivery.
with batches as (
    select * from {{ source('ops', 'batch') }}
    where {{ is_known('batch_id') }}
),

runs as (
    select * from {{ source('ops', 'run') }}
),

dated as (
    select
        batches.batch_id,
        batches.run_id,
        batches.source_id,
        batches.table_name,
        batches.state,
        runs.as_of,
        {{ month_of('runs.as_of') }} as run_month,
        batches.extracted,
        batches.unchanged,
        batches.duplicates,
        batches.vanished,
        batches.quarantined,
        batches.loaded,
        batches.extracted_at,
        batches.loaded_at,
        batches.latest_at,
        batches.file_path,
        batches.file_sha256,
        batches.window_start,
        batches.ordinary_from,
        batches.run_id = min(batches.run_id) over (
            partition by batches.source_id, batches.table_name
        ) as is_initial,
        batches.state = 'loaded'
        and batches.extracted = batches.unchanged
        and batches.vanished = 0
        and batches.run_id > min(case when batches.state = 'loaded' then batches.run_id end) over (
            partition by batches.source_id, batches.table_name, runs.as_of
        ) as is_repeat
    from batches
    inner join runs on batches.run_id = runs.run_id
)

select * from dated
