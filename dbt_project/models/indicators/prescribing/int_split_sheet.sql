-- Grain: one valid prescription beside another of the same person, day, kind and main diagnosis, in one
-- department ('own') or, where there are several, in all of them together ('across').
-- Rule: a person without pseudonym is the patient of the hospital. The group's last doctor answers for it.
-- Source: core.fct_prescription, core.dim_patient.
with prescriptions as (
    select * from {{ ref('fct_prescription') }}
    where rx_kind in ('outpatient', 'emergency', 'pediatric')
),

patients as (
    select * from {{ ref('dim_patient') }}
),

sheets as (
    select
        prescriptions.org_code,
        prescriptions.rx_id,
        prescriptions.rx_month,
        prescriptions.rx_time,
        prescriptions.doctor_code,
        prescriptions.dept_code,
        prescriptions.main_icd3,
        prescriptions.long_term_flag,
        prescriptions.extend_reason,
        prescriptions.amount,
        coalesce(patients.person_key, prescriptions.patient_id) || '|' || cast(cast(prescriptions.rx_time as date) as varchar(10))
        || '|' || prescriptions.rx_kind || '|' || coalesce(prescriptions.main_icd3, '') as person_day
    from prescriptions
    left join patients
        on
            patients.org_code = prescriptions.org_code
            and patients.patient_id = prescriptions.patient_id
),

days as (
    select
        org_code,
        person_day,
        count(*) as sheets,
        count(distinct dept_code) as departments
    from sheets
    group by org_code, person_day
),

scoped as (
    select
        sheets.*,
        scopes.group_scope,
        sheets.person_day || '|' || case scopes.group_scope when 'own' then sheets.dept_code else '*' end as group_key
    from sheets
    inner join days
        on
            days.org_code = sheets.org_code
            and days.person_day = sheets.person_day
            and days.sheets > 1
    inner join (values ('own', 1), ('across', 2)) as scopes (group_scope, least_departments)
        on days.departments >= scopes.least_departments
),

counted as (
    select
        scoped.*,
        count(*) over same_group as group_sheets,
        row_number() over (partition by org_code, group_key order by rx_time desc, rx_id desc) as last_rank,
        row_number() over (partition by org_code, group_key order by amount desc, rx_id) as amount_rank
    from scoped
    window same_group as (partition by org_code, group_key)
),

beside_others as (
    select * from counted
    where group_sheets > 1
)

select * from beside_others
