-- Grain: one organisation, table that carries money, month and stage of the way from landing to lead.
-- Rule: stages of quality.control_total, and what active leads of the month name of the table as evidence.
with totals as (
    select
        stage,
        table_name,
        org_code,
        period_month,
        row_count,
        amount
    from {{ ref('control_total') }}
),

carrying as (
    select distinct table_name from totals
),

leads as (
    select
        'lead' as stage,
        evidence.source_table as table_name,
        evidence.org_code,
        {{ month_of('lead.period_start') }} as period_month,
        count(*) as row_count,
        sum(evidence.risk_gross) as amount
    from {{ ref('lead_evidence') }} as evidence
    inner join {{ ref('lead') }} as lead on evidence.lead_id = lead.lead_id
    inner join carrying on evidence.source_table = carrying.table_name
    where lead.is_active
    group by evidence.source_table, evidence.org_code, {{ month_of('lead.period_start') }}
),

stages as (
    select * from totals
    union all
    select * from leads
),

labels as (
    {{ landing_tables() }}
),

typed as (
    select
        cast(stages.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(stages.table_name as varchar(40)) as table_name,
        cast(labels.table_zh as varchar(60)) as table_zh,
        cast(stages.period_month as date) as period_month,
        cast(stages.stage as varchar(20)) as stage,
        cast(stages.row_count as bigint) as row_count,
        cast(stages.amount as numeric(18, 2)) as amount
    from stages
    left join {{ ref('dim_organisation') }} as organisations on stages.org_code = organisations.org_code
    left join labels on stages.table_name = labels.table_name
)

select * from typed
