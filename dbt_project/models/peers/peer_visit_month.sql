{{ config(indexes=[{'columns': ['org_code', 'doctor_code', 'rx_month', 'setting', 'dept_code'], 'unique': true}]) }}

-- Grain: one doctor, department, month and setting (outpatient, emergency) with valid prescriptions, without herbs
-- in the counts of lines.
-- Rule: what RX04, RX08 and RX09 ask of visits, in one pass over the lines. A visit counts for each doctor and
-- department that prescribed in it; it is an emergency by its own kind, by that of the prescription where the
-- visit is not known. Drugs that the patient brought along do not count.
with visits as (
    select
        org_code,
        visit_id,
        visit_kind
    from {{ ref('fct_outp_visit') }}
),

prescriptions as (
    select
        org_code,
        rx_id,
        visit_id,
        rx_kind,
        doctor_code,
        dept_code,
        rx_month
    from {{ ref('fct_prescription') }}
    where rx_kind <> 'discharge'
),

drugs as (
    select
        org_code,
        drug_code,
        is_essential,
        case when is_systemic_antibacterial then 1 else 0 end as antibacterial,
        case when is_counted_injection then 1 else 0 end as injection
    from {{ ref('dim_drug') }}
    where drug_class <> 'herb_piece'
),

sheets as (
    select
        lines.org_code,
        lines.rx_id,
        max(drugs.antibacterial) as antibacterial,
        max(drugs.injection) as injection,
        count(*) as items,
        count(drugs.is_essential) as known_items,
        count(case when drugs.is_essential then 1 end) as essential_items
    from {{ ref('fct_prescription_line') }} as lines
    inner join drugs
        on
            drugs.org_code = lines.org_code
            and drugs.drug_code = lines.drug_code
    where not lines.is_self_provided
    group by lines.org_code, lines.rx_id
),

seen as (
    select
        prescriptions.org_code,
        prescriptions.doctor_code,
        prescriptions.dept_code,
        prescriptions.rx_month,
        case
            when coalesce(visits.visit_kind, prescriptions.rx_kind) = 'emergency' then 'emergency'
            else 'outpatient'
        end as setting,
        coalesce(prescriptions.visit_id, prescriptions.rx_id) as visit_id,
        max(coalesce(sheets.antibacterial, 0)) as antibacterial,
        max(coalesce(sheets.injection, 0)) as injection,
        sum(coalesce(sheets.items, 0)) as items,
        sum(coalesce(sheets.known_items, 0)) as known_items,
        sum(coalesce(sheets.essential_items, 0)) as essential_items
    from prescriptions
    left join sheets
        on
            sheets.org_code = prescriptions.org_code
            and sheets.rx_id = prescriptions.rx_id
    left join visits
        on
            visits.org_code = prescriptions.org_code
            and visits.visit_id = prescriptions.visit_id
    group by
        prescriptions.org_code, prescriptions.doctor_code, prescriptions.dept_code, prescriptions.rx_month,
        case
            when coalesce(visits.visit_kind, prescriptions.rx_kind) = 'emergency' then 'emergency'
            else 'outpatient'
        end,
        coalesce(prescriptions.visit_id, prescriptions.rx_id)
),

counted as (
    select
        org_code,
        doctor_code,
        dept_code,
        rx_month,
        setting,
        cast(count(*) as integer) as visits,
        cast(sum(antibacterial) as integer) as antibacterial_visits,
        cast(sum(injection) as integer) as injection_visits,
        cast(sum(items) as integer) as items,
        cast(sum(known_items) as integer) as known_items,
        cast(sum(essential_items) as integer) as essential_items
    from seen
    group by org_code, doctor_code, dept_code, rx_month, setting
)

select * from counted
