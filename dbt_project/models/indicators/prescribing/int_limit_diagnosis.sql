-- Grain: one outpatient visit and group of diagnoses that widens a limit of supply (RX02): pain, adhd.
-- Rule: ICD-10 codes that begin with a code of the set limit_diagnosis.
-- Source: core.fct_outp_diagnosis.
with diagnoses as (
    select * from {{ ref('fct_outp_diagnosis') }}
),

groups as (
    select
        code as icd_prefix,
        category as diagnosis_group
    from {{ ref('code_label') }}
    where code_set = 'limit_diagnosis'
),

grouped as (
    select distinct
        diagnoses.org_code,
        diagnoses.visit_id,
        groups.diagnosis_group
    from diagnoses
    inner join groups on diagnoses.icd10 like groups.icd_prefix || '%'
)

select * from grouped
