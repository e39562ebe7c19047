-- Grain: one fee line that the insurance knows and one limit on paying for its item.
-- Rule: verdict is kept, broken, text_limit (wording for a human) or the input that is missing; broken_share is
-- the part of the line that breaks the limit. Any diagnosis of the encounter satisfies a limit of
-- indication. A course is counted inside one encounter: in a stay the days on which the drug was billed,
-- the first ones being payable; at a visit the days that a prescription line supplies.
-- Source: core.fct_fee_line, core.dim_payment_limit, core.fct_insured_encounter, core.fct_outp_diagnosis,
-- core.fct_stay_diagnosis, core.fct_prescription_line, int_insured_share.
with limits as (
    select * from {{ ref('dim_payment_limit') }}
),

insured_shares as (
    select * from {{ ref('int_insured_share') }}
),

insured_encounters as (
    select * from {{ ref('fct_insured_encounter') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

departments as (
    select * from {{ ref('dim_department') }}
),

drugs as (
    select * from {{ ref('dim_drug') }}
),

prescription_lines as (
    select * from {{ ref('fct_prescription_line') }}
),

limited as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        fee_lines.hi_mdtrt_id,
        fee_lines.item_code,
        fee_lines.fee_time,
        fee_lines.service_date,
        fee_lines.service_month,
        fee_lines.dept_code,
        fee_lines.rx_item_id,
        fee_lines.unit,
        fee_lines.net_qty,
        fee_lines.net_amount,
        limits.rule_set,
        limits.version,
        limits.med_list_codg,
        limits.limit_kind,
        limits.icd_pattern,
        limits.age_from_months,
        limits.age_below_months,
        limits.sex,
        limits.org_level_min,
        limits.med_types,
        limits.insutypes,
        limits.dept_pattern,
        limits.largest
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join limits
        on
            fee_lines.med_list_codg = limits.med_list_codg
            and fee_lines.service_date between limits.valid_from and limits.valid_to
            and (limits.org_code = '*' or fee_lines.org_code = limits.org_code)
),

insured as (
    select
        limited.*,
        insured_shares.insured_share
    from limited
    inner join insured_shares
        on
            limited.org_code = insured_shares.org_code
            and limited.fee_id = insured_shares.fee_id
),

asked_patterns as (
    select distinct
        org_code,
        encounter_type,
        encounter_id,
        icd_pattern
    from insured
    where limit_kind = 'indication'
),

diagnoses as (
    select
        org_code,
        'O' as encounter_type,
        visit_id as encounter_id,
        icd10
    from {{ ref('fct_outp_diagnosis') }}
    union all
    select
        org_code,
        'I' as encounter_type,
        adm_id as encounter_id,
        icd10
    from {{ ref('fct_stay_diagnosis') }}
),

-- A pattern without a row here belongs to an encounter without any diagnosis.
indications as (
    select
        asked_patterns.org_code,
        asked_patterns.encounter_type,
        asked_patterns.encounter_id,
        asked_patterns.icd_pattern,
        max(
            case when {{ matches_pattern('diagnoses.icd10', 'asked_patterns.icd_pattern') }} then 1 else 0 end
        ) as is_met
    from asked_patterns
    inner join diagnoses
        on
            asked_patterns.org_code = diagnoses.org_code
            and asked_patterns.encounter_type = diagnoses.encounter_type
            and asked_patterns.encounter_id = diagnoses.encounter_id
    group by
        asked_patterns.org_code,
        asked_patterns.encounter_type,
        asked_patterns.encounter_id,
        asked_patterns.icd_pattern
),

-- Days of the drug in a stay so far, and days supplied at a visit; quantity in smallest units.
course_lines as (
    select
        insured.org_code,
        insured.fee_id,
        insured.encounter_type,
        insured.encounter_id,
        insured.rule_set,
        insured.version,
        insured.med_list_codg,
        insured.limit_kind,
        insured.fee_time,
        insured.largest,
        dense_rank() over (
            partition by
                insured.org_code,
                insured.encounter_type,
                insured.encounter_id,
                insured.rule_set,
                insured.version,
                insured.med_list_codg,
                insured.limit_kind
            order by insured.service_date
        ) as day_no,
        prescription_lines.days_supply,
        {{ to_smallest_unit('insured.net_qty', 'insured.unit', 'drugs.pack_unit', 'drugs.min_unit', 'drugs.pack_ratio') }}
            as smallest_qty
    from insured
    left join prescription_lines
        on
            insured.org_code = prescription_lines.org_code
            and insured.rx_item_id = prescription_lines.rx_item_id
    left join drugs
        on
            insured.org_code = drugs.org_code
            and insured.item_code = drugs.drug_code
    where insured.limit_kind in ('course_days', 'course_quantity')
),

courses as (
    select
        org_code,
        fee_id,
        rule_set,
        version,
        limit_kind,
        largest,
        smallest_qty,
        case when encounter_type = 'I' then day_no end as ward_day,
        case when encounter_type = 'O' then days_supply end as days_supply,
        sum(smallest_qty) over (
            partition by org_code, encounter_type, encounter_id, rule_set, version, med_list_codg, limit_kind
            order by fee_time, fee_id
            rows between unbounded preceding and current row
        ) as qty_so_far
    from course_lines
),

beyond_course as (
    select
        org_code,
        fee_id,
        rule_set,
        version,
        limit_kind,
        cast(
            case
                when limit_kind = 'course_quantity' and smallest_qty is null then null
                when limit_kind = 'course_quantity' and qty_so_far <= largest then 0
                when limit_kind = 'course_quantity'
                    then (qty_so_far - greatest(largest, qty_so_far - smallest_qty)) / nullif(smallest_qty, 0)
                when ward_day > largest then 1
                when ward_day is not null or days_supply <= largest then 0
                else (days_supply - largest) / nullif(days_supply, 0)
            end as numeric(9, 8)
        ) as beyond_share,
        case
            when limit_kind = 'course_quantity' and smallest_qty is null then 'missing_pack_ratio'
            when limit_kind = 'course_days' and ward_day is null and days_supply is null then 'missing_days_supply'
        end as missing_input
    from courses
),

described as (
    select
        insured.org_code,
        insured.fee_id,
        insured.encounter_type,
        insured.encounter_id,
        insured.item_code,
        insured.service_month,
        insured.net_amount,
        insured.insured_share,
        insured.limit_kind,
        insured.age_from_months,
        insured.age_below_months,
        insured.service_date,
        insured.sex,
        insured.org_level_min,
        insured.dept_pattern,
        '|' || insured.med_types || '|' as med_types,
        '|' || insured.insutypes || '|' as insutypes,
        insured_encounters.sex as patient_sex,
        insured_encounters.birth_date,
        insured_encounters.med_type,
        insured_encounters.insutype,
        coalesce(organisations.org_level, insured_encounters.hosp_lv) as org_level,
        departments.std_dept_code,
        indications.is_met as indication_is_met,
        beyond_course.beyond_share,
        beyond_course.missing_input as missing_course_input
    from insured
    left join insured_encounters
        on
            insured.org_code = insured_encounters.org_code
            and insured.hi_mdtrt_id = insured_encounters.mdtrt_id
    left join organisations on insured.org_code = organisations.org_code
    left join departments
        on
            insured.org_code = departments.org_code
            and insured.dept_code = departments.dept_code
    -- One key of one column, so that encounters are not compared with all of their organisation.
    left join indications
        on
            insured.encounter_type || insured.org_code || '|' || insured.encounter_id
            = indications.encounter_type || indications.org_code || '|' || indications.encounter_id
            and insured.icd_pattern = indications.icd_pattern
    left join beyond_course
        on
            insured.org_code = beyond_course.org_code
            and insured.fee_id = beyond_course.fee_id
            and insured.rule_set = beyond_course.rule_set
            and insured.version = beyond_course.version
            and insured.limit_kind = beyond_course.limit_kind
),

-- Whether each limit is kept; null where what it asks for is not known.
compared as (
    select
        org_code,
        fee_id,
        encounter_type,
        encounter_id,
        item_code,
        service_month,
        net_amount,
        insured_share,
        limit_kind,
        missing_course_input,
        cast(
            case when limit_kind in ('course_days', 'course_quantity') then beyond_share else 1 end as numeric(9, 8)
        ) as broken_share,
        case limit_kind
            when 'indication' then indication_is_met = 1
            when 'age'
                then
                    {{ add_months('birth_date', 'coalesce(age_from_months, 0)') }} <= service_date
                    and (
                        age_below_months is null
                        or {{ add_months('birth_date', 'age_below_months') }} > service_date
                    )
            when 'sex' then patient_sex = sex
            when 'org_level' then org_level <= org_level_min
            when 'med_type' then med_types like '%|' || med_type || '|%'
            when 'insutype' then insutypes like '%|' || insutype || '|%'
            when 'dept' then {{ matches_pattern('std_dept_code', 'dept_pattern') }}
            when 'course_days' then beyond_share = 0
            when 'course_quantity' then beyond_share = 0
        end as is_kept
    from described
),

judged as (
    select
        org_code,
        fee_id,
        encounter_type,
        encounter_id,
        item_code,
        service_month,
        net_amount,
        insured_share,
        limit_kind,
        broken_share,
        case
            when is_kept then 'kept'
            when not is_kept then 'broken'
            when limit_kind = 'text' then 'text_limit'
            when limit_kind = 'indication' then 'missing_diagnoses'
            when limit_kind = 'org_level' then 'missing_org_level'
            when limit_kind = 'dept' then 'missing_department'
            when missing_course_input is not null then missing_course_input
            else 'missing_insured_encounter'
        end as verdict
    from compared
)

select * from judged
