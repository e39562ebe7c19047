-- Grain: one encounter behind a department's or hospital's measure of the quarter that stands out, with its part of it.
-- Rule: an encounter's part is what it adds to the measure: its amount of the group of charges in the bill of all, its
-- amount (of growth over the mean before), its readmission or its low-threshold admission in the number of encounters;
-- amount_at_risk is the money of that part. A rate of low-threshold admissions that stands out only with excused stays
-- is listed too, with these.
-- Source: peers.peer_department_score, peers.peer_stay_mark, core.fct_encounter_cost.
with outliers as (
    select * from {{ ref('peer_department_score') }}
    where is_outlier or (measure = 'low_admission_rate' and is_other_outlier)
),

costs as (
    select * from {{ ref('fct_encounter_cost') }}
),

marks as (
    select * from {{ ref('peer_stay_mark') }}
    where is_readmission or is_low
),

counted as (
    select
        outliers.org_code,
        outliers.subject_type,
        outliers.subject_id,
        outliers.setting,
        outliers.measure,
        outliers.quarter_start,
        costs.encounter_type,
        costs.encounter_id,
        case when outliers.measure = 'low_admission_rate' then marks.low_guard end as low_guard,
        case outliers.measure
            when 'drug_share' then costs.drug_amount
            when 'lab_exam_share' then costs.lab_exam_amount
            when 'consumable_share' then costs.consumable_amount
            when 'treatment_share' then costs.treatment_amount
            when 'ct_share' then costs.ct_amount
            when 'mri_share' then costs.mri_amount
            when 'mean_amount' then costs.amount
            when 'mean_growth' then costs.amount
            when 'readmission_rate' then case when marks.is_readmission then costs.amount else 0 end
            when 'low_admission_rate' then case when marks.is_low then costs.amount else 0 end
        end as amount_at_risk,
        outliers.denominator
    from outliers
    inner join costs
        on
            costs.org_code = outliers.org_code
            and costs.setting = outliers.setting
            and costs.quarter_start = outliers.quarter_start
            and outliers.subject_id = case outliers.subject_type when 'hospital' then costs.org_code else costs.dept_code end
    left join marks
        on
            costs.encounter_type = 'I'
            and marks.org_code = costs.org_code
            and marks.adm_id = costs.encounter_id
),

parts as (
    select
        org_code,
        subject_type,
        subject_id,
        setting,
        measure,
        quarter_start,
        encounter_type,
        encounter_id,
        case encounter_type when 'I' then 'his_admission' else 'his_outp_visit' end as source_table,
        low_guard,
        cast(amount_at_risk as numeric(18, 2)) as amount_at_risk,
        cast(
            case when measure like '%rate' then 1 else amount_at_risk end / denominator as numeric(18, 8)
        ) as part
    from counted
    where amount_at_risk > 0
)

select * from parts
