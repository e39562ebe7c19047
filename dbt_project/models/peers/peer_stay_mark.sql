{{ config(indexes=[{'columns': ['org_code', 'adm_id'], 'unique': true}]) }}

-- Grain: one ended stay, with what rates of stays count: readmissions and low-threshold admissions.
-- Rule: a readmission follows the person's last discharge from the hospital within BL15.readmission_days with the
-- same main diagnosis (three characters) and none of the reasons of ref.readmission_guard, planned ones above all. A
-- low-threshold admission (BL12) lasts at most max_los days, its examinations and laboratory take at least
-- min_exam_share of the bill and its drugs, treatment and surgery at most max_treat_share; `low_guard` names what
-- excuses it. Thresholds are those of the month of discharge. No contract says whether a result is abnormal; as long as a
-- report of the stay is not out, nobody can know, and the stay is excused (result_outstanding).
-- Source: core.fct_encounter_cost, core.fct_report, ref.readmission_guard, ref.admission_guard.
with inpatient_costs as (
    select * from {{ ref('fct_encounter_cost') }}
    where encounter_type = 'I'
),

months as (
    select distinct
        org_code,
        encounter_month
    from inpatient_costs
),

limits as (
    select
        months.org_code,
        months.encounter_month,
        max_los.value as max_los,
        min_exam_share.value as min_exam_share,
        max_treat_share.value as max_treat_share,
        readmission_days.value as readmission_days
    from months
    {{ threshold_join('max_los', 'BL12', 'max_los', 'months.org_code', 'months.encounter_month') }}
    {{ threshold_join('min_exam_share', 'BL12', 'min_exam_share', 'months.org_code', 'months.encounter_month') }}
    {{ threshold_join('max_treat_share', 'BL12', 'max_treat_share', 'months.org_code', 'months.encounter_month') }}
    {{ threshold_join('readmission_days', 'BL15', 'readmission_days', 'months.org_code', 'months.encounter_month') }}
),

followed as (
    select
        inpatient_costs.*,
        lag(end_date) over person as previous_end,
        lag(main_icd3) over person as previous_icd3,
        lag(discharge_way) over person as previous_way
    from inpatient_costs
    window person as (partition by org_code, person_id order by begin_date, end_date, encounter_id)
),

compared as (
    select
        followed.*,
        coalesce(
            followed.main_icd3 = followed.previous_icd3
            and {{ days_between('followed.previous_end', 'followed.begin_date') }} between 0 and limits.readmission_days,
            false
        ) as is_return,
        coalesce(
            followed.stay_days <= limits.max_los
            and followed.lab_exam_amount >= limits.min_exam_share * followed.amount
            and followed.drug_amount + followed.treatment_amount + followed.surgery_amount
            <= limits.max_treat_share * followed.amount,
            false
        ) as is_low
    from followed
    inner join limits
        on
            limits.org_code = followed.org_code
            and limits.encounter_month = followed.encounter_month
),

readmission_excuses as (
    select
        compared.org_code,
        compared.encounter_id,
        min(guards.guard_code) as guard_code
    from compared
    inner join {{ ref('readmission_guard') }} as guards
        on
            (guards.match_on = 'diagnosis' and compared.main_icd like guards.pattern || '%')
            or (guards.match_on = 'discharge_way' and compared.previous_way = guards.pattern)
    where compared.is_return
    group by compared.org_code, compared.encounter_id
),

admission_excuses as (
    select
        compared.org_code,
        compared.encounter_id,
        min(guards.guard_code) as guard_code
    from compared
    inner join {{ ref('admission_guard') }} as guards
        on
            (guards.match_on = 'diagnosis' and compared.main_icd like guards.pattern || '%')
            or (guards.match_on = 'discharge_way' and compared.discharge_way = guards.pattern)
    where compared.is_low
    group by compared.org_code, compared.encounter_id
),

outstanding as (
    select distinct
        compared.org_code,
        compared.encounter_id
    from compared
    inner join {{ ref('fct_report') }} as reports
        on
            reports.org_code = compared.org_code
            and reports.encounter_id = compared.encounter_id
    where compared.is_low and reports.encounter_type = 'I' and reports.status = 'registered'
),

marked as (
    select
        compared.org_code,
        compared.encounter_id as adm_id,
        compared.is_return and readmission_excuses.guard_code is null as is_readmission,
        compared.is_low,
        case
            when not compared.is_low then null
            when admission_excuses.guard_code is not null then admission_excuses.guard_code
            when compared.surgery_amount > 0 then 'day_surgery'
            when outstanding.encounter_id is not null then 'result_outstanding'
        end as low_guard
    from compared
    left join readmission_excuses
        on
            readmission_excuses.org_code = compared.org_code
            and readmission_excuses.encounter_id = compared.encounter_id
    left join admission_excuses
        on
            admission_excuses.org_code = compared.org_code
            and admission_excuses.encounter_id = compared.encounter_id
    left join outstanding
        on
            outstanding.org_code = compared.org_code
            and outstanding.encounter_id = compared.encounter_id
)

select * from marked
