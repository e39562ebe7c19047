{#- What is summed a case mix cell, and what the reference gives of each. -#}
{% set amounts = ['amount', 'drug', 'lab_exam', 'consumable', 'treatment', 'ct', 'mri'] %}
{% set counts = ['readmissions', 'low_admissions'] %}

{{ config(indexes=[{'columns': ['org_code', 'setting', 'dept_code', 'encounter_month', 'main_icd3'], 'unique': true}]) }}

-- Grain: one organisation, setting (outpatient, emergency, inpatient), department, month and diagnosis group (first
-- three characters of the main diagnosis, '' where unknown), with what its encounters cost and what such encounters
-- cost elsewhere.
-- Rule: the expected value of an encounter is the plain mean over the encounters of the other hospitals in the same
-- quarter and stratum, the narrowest of: 1 level, type, department and diagnosis; 2 department and diagnosis;
-- 3 department, that has ALL.min_reference_cases encounters in ALL.min_reference_orgs other hospitals. A hospital's
-- own encounters never stand in what is expected of it. Without such a stratum nothing is expected (null).
-- Source: core.fct_encounter_cost, peer_stay_mark.
with encounters as (
    select
        costs.org_code,
        costs.setting,
        costs.dept_code,
        costs.quarter_start,
        costs.encounter_month,
        costs.main_icd3,
        costs.known_amount,
        costs.amount,
        costs.drug_amount as drug,
        costs.lab_exam_amount as lab_exam,
        costs.consumable_amount as consumable,
        costs.treatment_amount as treatment,
        costs.ct_amount as ct,
        costs.mri_amount as mri,
        case when marks.is_readmission then 1 else 0 end as readmissions,
        case when marks.is_low and marks.low_guard is null then 1 else 0 end as low_admissions,
        case when marks.low_guard is not null then 1 else 0 end as guarded_low_admissions,
        marks.low_guard
    from {{ ref('fct_encounter_cost') }} as costs
    left join {{ ref('peer_stay_mark') }} as marks
        on
            costs.encounter_type = 'I'
            and marks.org_code = costs.org_code
            and marks.adm_id = costs.encounter_id
    where costs.dept_code is not null
),

sums as (
    select
        org_code,
        setting,
        dept_code,
        quarter_start,
        encounter_month,
        coalesce(main_icd3, '') as main_icd3,
        cast(count(*) as integer) as n,
        sum(known_amount) as known_amount,
        {%- for part in amounts + counts %}
        sum({{ part }}) as {{ part }},
        {%- endfor %}
        {%- for part in amounts %}
        max({{ part }}) as max_{{ part }},
        {%- endfor %}
        sum(guarded_low_admissions) as guarded_low_admissions,
        min(low_guard) as low_guard
    from encounters
    group by org_code, setting, dept_code, quarter_start, encounter_month, coalesce(main_icd3, '')
),

cells as (
    select
        sums.*,
        departments.std_dept_code,
        departments.discipline_group,
        organisations.level_group,
        organisations.org_type
    from sums
    inner join {{ ref('dim_organisation') }} as organisations on organisations.org_code = sums.org_code
    left join {{ ref('dim_department') }} as departments
        on
            departments.org_code = sums.org_code
            and departments.dept_code = sums.dept_code
),

-- The strata that a cell belongs to, from the narrowest; an unknown diagnosis is compared by department only. One key
-- of one column, and windows in place of joins: planners take the columns of a longer key for independent.
placed as (
    select
        cells.*,
        rungs.rung,
        cells.setting || '|' || {{ as_text('cells.quarter_start') }} || '|' || cells.std_dept_code
        || case
            when rungs.rung = 1 then '|' || cells.main_icd3 || '|' || cells.level_group || '|' || cells.org_type
            when rungs.rung = 2 then '|' || cells.main_icd3
            else ''
        end as stratum
    from cells
    cross join (values (1), (2), (3)) as rungs (rung)
    where rungs.rung = 3 or cells.main_icd3 <> ''
),

ranked_hospitals as (
    select
        placed.*,
        dense_rank() over (partition by rung, stratum order by org_code) as hospital_rank
    from placed
),

-- The other hospitals: all of a stratum less the own.
others as (
    select
        ranked_hospitals.*,
        max(hospital_rank) over whole - 1 as reference_orgs,
        {%- for part in amounts + counts %}
        sum({{ part }}) over whole - sum({{ part }}) over own as reference_{{ part }},
        {%- endfor %}
        sum(n) over whole - sum(n) over own as reference_n
    from ranked_hospitals
    window
        whole as (partition by rung, stratum),
        own as (partition by rung, stratum, org_code)
),

quarters as (
    select distinct
        org_code,
        quarter_start
    from cells
),

limits as (
    select
        quarters.org_code,
        quarters.quarter_start,
        min_cases.value as min_cases,
        min_orgs.value as min_orgs
    from quarters
    {{ threshold_join('min_cases', 'ALL', 'min_reference_cases', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('min_orgs', 'ALL', 'min_reference_orgs', 'quarters.org_code', 'quarters.quarter_start') }}
),

judged as (
    select
        others.*,
        coalesce(
            others.std_dept_code is not null
            and others.reference_n >= limits.min_cases
            and others.reference_orgs >= limits.min_orgs,
            false
        ) as is_enough
    from others
    inner join limits
        on
            limits.org_code = others.org_code
            and limits.quarter_start = others.quarter_start
),

ordered as (
    select
        judged.*,
        row_number() over (
            partition by org_code, setting, dept_code, encounter_month, main_icd3
            order by case when is_enough then 0 else 1 end, rung
        ) as choice
    from judged
),

expected as (
    select
        org_code,
        setting,
        dept_code,
        quarter_start,
        encounter_month,
        main_icd3,
        std_dept_code,
        discipline_group,
        level_group,
        org_type,
        n,
        cast(known_amount as numeric(18, 2)) as known_amount,
        {%- for part in amounts %}
        cast({{ part }} as numeric(18, 2)) as {{ part }},
        cast(max_{{ part }} as numeric(18, 2)) as max_{{ part }},
        {%- endfor %}
        {%- for part in counts + ['guarded_low_admissions'] %}
        cast({{ part }} as integer) as {{ part }},
        {%- endfor %}
        low_guard,
        {%- for part in amounts + counts %}
        cast(
            case when is_enough then reference_{{ part }} / cast(reference_n as numeric(18, 4)) end as numeric(18, 6)
        ) as expected_{{ part }},
        {%- endfor %}
        case when is_enough then cast(reference_n as integer) end as reference_n,
        case when is_enough then cast(reference_orgs as integer) end as reference_orgs,
        case when is_enough then rung end as rung
    from ordered
    where choice = 1
)

select * from expected
