{{ config(indexes=[{'columns': ['org_code', 'mdtrt_id'], 'unique': true}]) }}

-- Grain: one settled encounter, as an insurer without fee lines sees it: person, days, diagnoses, doctor, money.
-- Rule: what was settled in parts is one claim. The cohort is the source that sent the settlement: insurers, and
-- with them currencies and years, are never compared with each other. Diagnoses are those of the settlement list,
-- each code once; without a list the encounter's main diagnosis stands alone.
with settlements as (
    select
        org_code,
        mdtrt_id,
        max(person_key) as person_key,
        max(gend) as sex,
        max(birth_date) as birth_date,
        max(insured_area) as insured_area,
        max(med_type) as med_type,
        min(coalesce(begin_date, cast(setl_time as date))) as begin_date,
        max(coalesce(end_date, cast(setl_time as date))) as end_date,
        max(setl_month) as setl_month,
        sum(amount) as amount,
        sum(coalesce(fund_amount, amount)) as fund_amount,
        max(batch_id) as batch_id
    from {{ ref('fct_insurance_settlement') }}
    where is_counted
    group by org_code, mdtrt_id
),

batches as (
    select
        batch_id,
        source_id
    from {{ ref('stg_ops__batch') }}
),

encounters as (
    select
        org_code,
        mdtrt_id,
        dscg_maindiag_code,
        nullif(trim(chfpdr_code), '') as doctor_code
    from {{ ref('stg_insurance__mdtrt_d') }}
    where vali_flag = '1'
),

inpatient_types as (
    select code from {{ ref('code_label') }}
    where code_set = 'inpatient_med_type'
),

listed as (
    select
        org_code,
        mdtrt_id,
        diag_code,
        max(maindiag_flag) as maindiag_flag
    from {{ ref('stg_insurance__setl_list_diag_d') }}
    where vali_flag = '1' and diag_code is not null
    group by org_code, mdtrt_id, diag_code
),

diagnosis_lists as (
    select
        org_code,
        mdtrt_id,
        count(*) as diagnosis_count,
        max(case when maindiag_flag = '1' then diag_code end) as main_diagnosis,
        {{ text_list('diag_code') }} as diagnosis_set
    from listed
    group by org_code, mdtrt_id
),

claims as (
    select
        settlements.org_code,
        settlements.mdtrt_id,
        batches.source_id as cohort,
        settlements.person_key,
        settlements.sex,
        settlements.birth_date,
        settlements.insured_area,
        settlements.begin_date,
        settlements.end_date,
        settlements.setl_month,
        inpatient_types.code is not null as is_inpatient,
        encounters.doctor_code,
        left(coalesce(encounters.dscg_maindiag_code, diagnosis_lists.main_diagnosis), 3) as main_icd3,
        coalesce(diagnosis_lists.diagnosis_set, encounters.dscg_maindiag_code) as diagnosis_set,
        cast(
            coalesce(
                diagnosis_lists.diagnosis_count,
                case when encounters.dscg_maindiag_code is not null then 1 end
            ) as integer
        ) as diagnosis_count,
        cast(settlements.amount as numeric(18, 2)) as amount,
        cast(settlements.fund_amount as numeric(18, 2)) as fund_amount
    from settlements
    inner join batches on settlements.batch_id = batches.batch_id
    left join inpatient_types on left(settlements.med_type, 2) = inpatient_types.code
    left join encounters
        on
            settlements.org_code = encounters.org_code
            and settlements.mdtrt_id = encounters.mdtrt_id
    left join diagnosis_lists
        on
            settlements.org_code = diagnosis_lists.org_code
            and settlements.mdtrt_id = diagnosis_lists.mdtrt_id
)

select * from claims
