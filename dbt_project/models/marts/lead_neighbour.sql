-- Grain: one lead that still fires and another one of the same organisation that has something in common with it.
-- Rule: the same subject or the same doctor, with periods that begin less than a year apart; or rows or encounters that
-- the evidence of both names, whenever that was. What they have in common is counted, and nothing is concluded from it.
-- Source: lead, lead_evidence.
with leads as (
    select
        lead_id,
        org_code,
        subject_type,
        subject_id,
        doctor_code,
        period_start
    from {{ ref('lead') }}
    where is_active
),

evidence as (
    select
        lead_id,
        org_code,
        source_table,
        row_key,
        encounter_id
    from {{ ref('lead_evidence') }}
),

encounters as (
    select distinct
        lead_id,
        org_code,
        encounter_id
    from evidence
    where encounter_id is not null
),

same_subject as (
    select
        leads.lead_id,
        others.lead_id as other_lead_id,
        leads.org_code
    from leads
    inner join leads as others
        on
            leads.org_code = others.org_code
            and leads.subject_type = others.subject_type
            and leads.subject_id = others.subject_id
            and leads.lead_id <> others.lead_id
            and others.period_start > {{ add_months('leads.period_start', -12) }}
            and others.period_start < {{ add_months('leads.period_start', 12) }}
),

same_doctor as (
    select
        leads.lead_id,
        others.lead_id as other_lead_id,
        leads.org_code
    from leads
    inner join leads as others
        on
            leads.org_code = others.org_code
            and leads.doctor_code = others.doctor_code
            and leads.lead_id <> others.lead_id
            and others.period_start > {{ add_months('leads.period_start', -12) }}
            and others.period_start < {{ add_months('leads.period_start', 12) }}
),

same_rows as (
    select
        evidence.lead_id,
        others.lead_id as other_lead_id,
        evidence.org_code,
        count(*) as shared_rows
    from evidence
    inner join evidence as others
        on
            evidence.org_code = others.org_code
            and evidence.source_table = others.source_table
            and evidence.row_key = others.row_key
            and evidence.lead_id <> others.lead_id
    group by evidence.lead_id, others.lead_id, evidence.org_code
),

same_encounters as (
    select
        encounters.lead_id,
        others.lead_id as other_lead_id,
        encounters.org_code,
        count(*) as shared_encounters
    from encounters
    inner join encounters as others
        on
            encounters.org_code = others.org_code
            and encounters.encounter_id = others.encounter_id
            and encounters.lead_id <> others.lead_id
    group by encounters.lead_id, others.lead_id, encounters.org_code
),

ties as (
    select
        lead_id,
        other_lead_id,
        org_code,
        1 as of_subject,
        0 as of_doctor,
        0 as shared_rows,
        0 as shared_encounters
    from same_subject
    union all
    select
        lead_id,
        other_lead_id,
        org_code,
        0 as of_subject,
        1 as of_doctor,
        0 as shared_rows,
        0 as shared_encounters
    from same_doctor
    union all
    select
        lead_id,
        other_lead_id,
        org_code,
        0 as of_subject,
        0 as of_doctor,
        shared_rows,
        0 as shared_encounters
    from same_rows
    union all
    select
        lead_id,
        other_lead_id,
        org_code,
        0 as of_subject,
        0 as of_doctor,
        0 as shared_rows,
        shared_encounters
    from same_encounters
),

pairs as (
    select
        lead_id,
        other_lead_id,
        org_code,
        max(of_subject) as of_subject,
        max(of_doctor) as of_doctor,
        sum(shared_rows) as shared_rows,
        sum(shared_encounters) as shared_encounters
    from ties
    group by lead_id, other_lead_id, org_code
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(other_lead_id as varchar(32)) as other_lead_id,
        cast(org_code as varchar(12)) as org_code,
        cast(of_subject = 1 as boolean) as is_same_subject,
        cast(of_doctor = 1 as boolean) as is_same_doctor,
        cast(shared_rows as integer) as shared_rows,
        cast(shared_encounters as integer) as shared_encounters
    from pairs
)

select * from typed
