{{ config(indexes=[{'columns': ['lead_id', 'evidence_no'], 'unique': true}]) }}

-- Grain: one row behind a lead that still fires.
-- Rule: a row that left core since (reversed, cancelled) stays listed with a note. Kinds and states that stand in an item's
-- place (of stock movements, reviews, notices and matters) are named as code set evidence_word does.
with active_leads as (
    select lead_id from {{ ref('lead') }}
    where is_active
),

pointers as (
    select pointer.*
    from {{ ref('int_evidence_pointer') }} as pointer
    inner join active_leads on pointer.lead_id = active_leads.lead_id
),

labels as (
    select * from {{ ref('code_label') }}
    where code_set = 'source_table'
),

shown as (
    select
        pointers.lead_id,
        pointers.evidence_no,
        pointers.org_code,
        pointers.source_table,
        coalesce(labels.label_zh, pointers.source_table) as source_table_zh,
        pointers.row_key,
        evidence_row.event_time,
        evidence_row.encounter_id,
        evidence_row.dept_code,
        evidence_row.doctor_code,
        evidence_row.item_code,
        coalesce(words.label_zh, evidence_row.item_name) as item_name,
        evidence_row.qty,
        evidence_row.unit,
        evidence_row.unit_price,
        evidence_row.amount,
        pointers.indicator_value,
        pointers.risk_gross,
        pointers.risk_fund,
        case when evidence_row.row_key is null then '该行已不在净额数据中（已冲销、作废或更正）' end as note_zh,
        evidence_row.batch_id
    from pointers
    left join labels on pointers.source_table = labels.code
    left join {{ ref('evidence_row') }} as evidence_row
        on
            pointers.org_code = evidence_row.org_code
            and pointers.source_table = evidence_row.source_table
            and pointers.row_key = evidence_row.row_key
    left join {{ ref('code_label') }} as words
        on
            evidence_row.item_name = words.code
            and words.code_set = 'evidence_word'
            and pointers.source_table in ('pr_stock_move', 'his_rx_review', 'sv_notice', 'sv_rectification')
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(evidence_no as integer) as evidence_no,
        cast(org_code as varchar(12)) as org_code,
        cast(source_table as varchar(30)) as source_table,
        cast(source_table_zh as varchar(60)) as source_table_zh,
        cast(row_key as varchar(100)) as row_key,
        cast(event_time as timestamp) as event_time,
        cast(encounter_id as varchar(60)) as encounter_id,
        cast(dept_code as varchar(60)) as dept_code,
        cast(doctor_code as varchar(60)) as doctor_code,
        cast(item_code as varchar(150)) as item_code,
        cast(item_name as varchar(500)) as item_name,
        cast(qty as numeric(18, 4)) as qty,
        cast(unit as varchar(30)) as unit,
        cast(unit_price as numeric(18, 6)) as unit_price,
        cast(amount as numeric(18, 2)) as amount,
        cast(indicator_value as numeric(18, 8)) as indicator_value,
        cast(risk_gross as numeric(18, 2)) as risk_gross,
        cast(risk_fund as numeric(18, 2)) as risk_fund,
        cast(note_zh as varchar(100)) as note_zh,
        cast(batch_id as bigint) as batch_id
    from shown
)

select * from typed
