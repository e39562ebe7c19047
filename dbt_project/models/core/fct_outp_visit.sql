{{ config(indexes=[{'columns': ['org_code', 'visit_id'], 'unique': true}]) }}

-- Grain: one outpatient visit of the HIS that was not cancelled.
-- Rule: patient numbers of one person count as one person; the department is named by its standard code
-- too. The main diagnosis is the first one marked as such.
-- Read after the list of batches that the build answers for: what is loaded later is told apart (row_balance).
-- depends_on: {{ ref('stg_ops__batch_in_build') }}
with visits as (
    select * from {{ ref('stg_his__outp_visit') }}
    where not is_cancelled
),

patients as (
    select * from {{ ref('dim_patient') }}
),

departments as (
    select * from {{ ref('dim_department') }}
),

main_diagnoses as (
    select
        org_code,
        visit_id,
        min(left(icd10, 3)) as main_icd3
    from {{ ref('fct_outp_diagnosis') }}
    where is_main
    group by org_code, visit_id
),

described as (
    select
        visits.org_code,
        visits.visit_id,
        visits.patient_id,
        coalesce(patients.person_key, visits.patient_id) as person_id,
        coalesce(visits.register_time, visits.visit_time) as register_time,
        visits.dept_code,
        departments.std_dept_code,
        visits.doctor_code,
        visits.visit_kind,
        not visits.is_first_visit as is_return,
        main_diagnoses.main_icd3,
        visits.batch_id
    from visits
    left join patients
        on
            visits.org_code = patients.org_code
            and visits.patient_id = patients.patient_id
    left join departments
        on
            visits.org_code = departments.org_code
            and visits.dept_code = departments.dept_code
    left join main_diagnoses
        on
            visits.org_code = main_diagnoses.org_code
            and visits.visit_id = main_diagnoses.visit_id
)

select * from described
