-- Grain: one lead that still fires and one hospital, department, doctor or supplier (group of affiliates) that it concerns.
-- Rule: a lead concerns its hospital, its department and its doctor; one of procurement, or on a supplier's awards
-- (XS11), the suppliers that its evidence names. A lead of a longer period counts in its last month.
-- Source: lead, lead_evidence, supplier_row.
with leads as (
    select
        lead.*,
        {{ month_of('least(lead.period_end, ' ~ detect_date() ~ ')') }} as period_month
    from {{ ref('lead') }} as lead
    where lead.is_active
),

lead_suppliers as (
    select distinct
        leads.lead_id,
        leads.org_code,
        leads.period_month,
        supplier_rows.supplier_group_id
    from leads
    inner join {{ ref('lead_evidence') }} as evidence on leads.lead_id = evidence.lead_id
    inner join {{ ref('supplier_row') }} as supplier_rows
        on
            evidence.org_code = supplier_rows.org_code
            and evidence.source_table = supplier_rows.source_table
            and evidence.row_key = supplier_rows.row_key
    inner join {{ ref('indicator') }} as indicators on leads.indicator_id = indicators.indicator_id
    where indicators.family = 'procurement' or leads.subject_type = 'supplier_award'
),

lead_entities as (
    select
        lead_id,
        org_code,
        'hospital' as entity_type,
        org_code as entity_id,
        period_month
    from leads
    union all
    select
        lead_id,
        org_code,
        'department' as entity_type,
        dept_code as entity_id,
        period_month
    from leads
    where dept_code is not null
    union all
    select
        lead_id,
        org_code,
        'doctor' as entity_type,
        doctor_code as entity_id,
        period_month
    from leads
    where doctor_code is not null
    union all
    select
        lead_id,
        org_code,
        'supplier' as entity_type,
        supplier_group_id as entity_id,
        period_month
    from lead_suppliers
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(org_code as varchar(12)) as org_code,
        cast(entity_type as varchar(20)) as entity_type,
        cast(entity_id as varchar(60)) as entity_id,
        cast(period_month as date) as period_month
    from lead_entities
)

select * from typed
