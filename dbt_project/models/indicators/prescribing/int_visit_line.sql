{{ config(materialized='view') }}

-- Grain: one line of a valid outpatient or emergency prescription, without herbs and drugs that the patient brought.
-- Rule: a view, as only the lines behind findings are read; the setting is that of peers.peer_visit_month.
-- Source: core.fct_prescription_line, core.fct_prescription, core.fct_outp_visit, core.dim_drug.
with lines as (
    select * from {{ ref('fct_prescription_line') }}
    where not is_self_provided
),

described as (
    select
        lines.org_code,
        lines.rx_item_id,
        lines.doctor_code,
        lines.dept_code,
        lines.rx_month,
        case
            when coalesce(visits.visit_kind, prescriptions.rx_kind) = 'emergency' then 'emergency'
            else 'outpatient'
        end as setting,
        drugs.is_systemic_antibacterial,
        drugs.is_counted_injection,
        drugs.is_essential,
        lines.amount
    from lines
    inner join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = lines.org_code
            and drugs.drug_code = lines.drug_code
            and drugs.drug_class <> 'herb_piece'
    inner join {{ ref('fct_prescription') }} as prescriptions
        on
            prescriptions.org_code = lines.org_code
            and prescriptions.rx_id = lines.rx_id
            and prescriptions.rx_kind <> 'discharge'
    left join {{ ref('fct_outp_visit') }} as visits
        on
            visits.org_code = prescriptions.org_code
            and visits.visit_id = prescriptions.visit_id
)

select * from described
