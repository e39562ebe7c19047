-- Grain: one lead that still fires, source table and batch from which rows behind it came.
-- Rule: the rows that the lead points to, counted by the batch of the version that core holds; a row that left core
-- since has no batch and is not counted here. The hash is that of the landed file, which `qinglian verify` proves.
-- Source: lead_evidence, dim_batch.
with evidence as (
    select
        lead_id,
        org_code,
        source_table,
        source_table_zh,
        batch_id,
        count(*) as evidence_rows
    from {{ ref('lead_evidence') }}
    where batch_id is not null
    group by lead_id, org_code, source_table, source_table_zh, batch_id
),

batches as (
    select * from {{ ref('dim_batch') }}
),

typed as (
    select
        cast(evidence.lead_id as varchar(32)) as lead_id,
        cast(evidence.org_code as varchar(12)) as org_code,
        cast(evidence.source_table as varchar(30)) as source_table,
        cast(evidence.source_table_zh as varchar(60)) as source_table_zh,
        cast(evidence.batch_id as bigint) as batch_id,
        cast(evidence.evidence_rows as integer) as evidence_rows,
        cast(batches.source_id as varchar(100)) as source_id,
        cast(batches.as_of as date) as as_of,
        cast(batches.extracted_at as timestamp) as extracted_at,
        cast(batches.extracted as bigint) as extracted,
        cast(batches.loaded as bigint) as loaded,
        cast(batches.file_path as varchar(500)) as file_path,
        cast(batches.file_sha256 as varchar(64)) as file_sha256
    from evidence
    left join batches on evidence.batch_id = batches.batch_id
)

select * from typed
