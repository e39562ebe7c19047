{% set group_amounts = ['drug_amount', 'lab_exam_amount', 'consumable_amount', 'treatment_amount', 'surgery_amount'] %}

{{ config(indexes=[{'columns': ['org_code', 'encounter_type', 'encounter_id'], 'unique': true}]) }}

-- Grain: one outpatient visit, or one stay that has ended, with net fee lines, and what it cost by group of charges.
-- Rule: groups are those of the insurance's categories of charges (ref.code_label, cost_group); CT and MRI are known
-- by their category or by the first digits of the national code (scan_kind). A stay belongs to the month and the
-- department of its discharge, its diagnosis is the main one at discharge, else on admission. `known_amount` is the
-- part whose category is on the list. Check-ups are no visits for an illness and left out.
-- Source: core.fct_fee_line in one pass, core.fct_outp_visit, core.fct_ward_stay, core.fct_stay_diagnosis.
with cost_groups as (
    select
        code as item_category,
        category || '_amount' as cost_group
    from {{ ref('code_label') }}
    where code_set = 'cost_group'
),

scans as (
    select
        code,
        category as scan_kind
    from {{ ref('code_label') }}
    where code_set = 'scan_kind'
),

lines as (
    select
        fee_lines.org_code,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        cast(fee_lines.net_amount * 100 as bigint) as cents,
        cost_groups.cost_group,
        coalesce(scan_categories.scan_kind, scan_codes.scan_kind) as scan_kind
    from {{ ref('fct_fee_line') }} as fee_lines
    left join cost_groups on cost_groups.item_category = fee_lines.item_category
    left join scans as scan_categories on scan_categories.code = fee_lines.item_category
    left join scans as scan_codes on scan_codes.code = left(fee_lines.med_list_codg, 6)
),

-- Whole cents: sums of decimals would spill to disk.
totals as (
    select
        org_code,
        encounter_type,
        encounter_id,
        sum(cents) as amount,
        sum(case when cost_group is not null then cents end) as known_amount,
        {%- for part in group_amounts %}
        sum(case when cost_group = '{{ part }}' then cents end) as {{ part }},
        {%- endfor %}
        sum(case when scan_kind = 'ct' then cents end) as ct_amount,
        sum(case when scan_kind = 'mri' then cents end) as mri_amount
    from lines
    group by org_code, encounter_type, encounter_id
),

stay_diagnoses as (
    select
        org_code,
        adm_id,
        icd10,
        row_number() over (
            partition by org_code, adm_id
            order by case diag_type when 'dscg' then 1 else 2 end, seq, diag_id
        ) = 1 as is_chosen
    from {{ ref('fct_stay_diagnosis') }}
    where is_main and diag_type in ('dscg', 'adm')
),

encounters as (
    select
        org_code,
        'O' as encounter_type,
        visit_id as encounter_id,
        person_id,
        case when visit_kind = 'emergency' then 'emergency' else 'outpatient' end as setting,
        dept_code,
        std_dept_code,
        main_icd3,
        {{ as_text('null') }} as main_icd,
        {{ as_text('null') }} as discharge_way,
        cast(register_time as date) as begin_date,
        cast(register_time as date) as end_date,
        cast(null as integer) as stay_days,
        {{ month_of('register_time') }} as encounter_month,
        batch_id
    from {{ ref('fct_outp_visit') }}
    where coalesce(visit_kind, 'outpatient') <> 'physical_exam'
    union all
    select
        stays.org_code,
        'I' as encounter_type,
        stays.adm_id as encounter_id,
        coalesce(patients.person_key, stays.patient_id) as person_id,
        'inpatient' as setting,
        stays.dept_code,
        stays.std_dept_code,
        left(diagnoses.icd10, 3) as main_icd3,
        diagnoses.icd10 as main_icd,
        admissions.dscg_way as discharge_way,
        cast(stays.adm_time as date) as begin_date,
        cast(stays.dscg_time as date) as end_date,
        stays.stay_days,
        stays.dscg_month as encounter_month,
        stays.batch_id
    from {{ ref('fct_ward_stay') }} as stays
    inner join {{ ref('stg_his__admission') }} as admissions
        on
            admissions.org_code = stays.org_code
            and admissions.adm_id = stays.adm_id
    left join {{ ref('dim_patient') }} as patients
        on
            patients.org_code = stays.org_code
            and patients.patient_id = stays.patient_id
    left join stay_diagnoses as diagnoses
        on
            diagnoses.org_code = stays.org_code
            and diagnoses.adm_id = stays.adm_id
            and diagnoses.is_chosen
    where stays.dscg_time is not null
),

costs as (
    select
        encounters.*,
        cast(date_trunc('quarter', encounters.encounter_month) as date) as quarter_start,
        {%- for part in ['amount', 'known_amount', 'ct_amount'] + group_amounts %}
        cast(coalesce(totals.{{ part }}, 0) / 100.0 as numeric(18, 2)) as {{ part }},
        {%- endfor %}
        cast(coalesce(totals.mri_amount, 0) / 100.0 as numeric(18, 2)) as mri_amount
    from encounters
    -- One key of one column: a sort by three texts would take longer than all else.
    inner join totals
        on
            totals.encounter_type || totals.org_code || '|' || totals.encounter_id
            = encounters.encounter_type || encounters.org_code || '|' || encounters.encounter_id
    where totals.amount > 0
)

select * from costs
