-- Grain: one graded stay with its settlement list and the hospital's own record of it.
-- Rule: diagnosis_state and operation_state say how the main code of the list stands to the front page (an operation: to
-- the operations recorded in the stay): same (the first four characters agree, as written or after the mapping between the
-- editions), differs, or why nothing can be said: missing_code_map (no mapping holds), code_unmapped (the mapping lacks one
-- of the codes), new_technology, missing_surgery (the hospital sends no operations). Operations that need no theatre are
-- left out. other_differences counts what differs besides: number of other diagnoses, length of stay, way of discharge.
-- Source: core.fct_grouped_case, core.fct_listed_diagnosis, core.fct_listed_operation, core.fct_stay, core.fct_ward_stay,
-- core.fct_stay_diagnosis, core.fct_surgery, core.dim_code_map.
with cases as (
    select * from {{ ref('fct_grouped_case') }}
    where is_last and weight > 0 and ungrouped_reason is null
),

listed as (
    select
        org_code,
        mdtrt_id,
        min(case when is_main then setl_list_diag_id end) as diagnosis_key,
        min(case when is_main then icd10 end) as listed_diagnosis,
        sum(case when is_main then 0 else 1 end) as listed_others
    from {{ ref('fct_listed_diagnosis') }}
    group by org_code, mdtrt_id
),

listed_operations as (
    select
        org_code,
        mdtrt_id,
        min(setl_list_oprn_id) as operation_key,
        min(icd9cm3) as listed_operation,
        max(guard_code) as operation_guard
    from {{ ref('fct_listed_operation') }}
    where is_main and coalesce(guard_code, '') <> 'not_theatre'
    group by org_code, mdtrt_id
),

insured_stays as (
    select
        org_code,
        mdtrt_id,
        discharge_way,
        {{ days_between('begin_date', 'end_date') }} as listed_days
    from {{ ref('fct_stay') }}
),

ward_stays as (
    select
        org_code,
        hi_mdtrt_id as mdtrt_id,
        min(adm_id) as adm_id,
        {{ days_between('min(adm_time)', 'max(dscg_time)') }} as ward_days,
        min(discharge_way) as discharge_way
    from {{ ref('fct_ward_stay') }}
    where hi_mdtrt_id is not null
    group by org_code, hi_mdtrt_id
),

front_pages as (
    select
        org_code,
        adm_id,
        min(case when is_main then diag_id end) as front_key,
        min(case when is_main then icd10 end) as front_diagnosis,
        sum(case when is_main then 0 else 1 end) as front_others
    from {{ ref('fct_stay_diagnosis') }}
    where on_front_page
    group by org_code, adm_id
),

surgeries as (
    select distinct
        org_code,
        adm_id,
        icd9cm3
    from {{ ref('fct_surgery') }}
    where icd9cm3 is not null
),

first_surgeries as (
    select
        org_code,
        adm_id,
        min(left(icd9cm3, 4)) as subcategory
    from surgeries
    group by org_code, adm_id
),

senders as (
    select distinct org_code from surgeries
),

maps as (
    select * from {{ ref('dim_code_map') }}
),

maps_held as (
    select
        code_kind,
        org_code,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from maps
    group by code_kind, org_code
),

paired as (
    select
        cases.org_code,
        cases.source_id,
        cases.setl_id,
        cases.mdtrt_id,
        cases.setl_month,
        cases.setl_year,
        cases.dept_code,
        cases.weight,
        cases.std_amount,
        cases.pay_amount,
        ward_stays.adm_id,
        listed.diagnosis_key,
        listed.listed_diagnosis,
        front_pages.front_key,
        front_pages.front_diagnosis,
        listed_operations.operation_key,
        listed_operations.listed_operation,
        listed_operations.operation_guard,
        first_surgeries.subcategory as first_subcategory,
        senders.org_code is not null as has_surgeries,
        case when listed.listed_others <> front_pages.front_others then 1 else 0 end
        + case when insured_stays.listed_days <> ward_stays.ward_days then 1 else 0 end
        + case when insured_stays.discharge_way <> ward_stays.discharge_way then 1 else 0 end as other_differences
    from cases
    left join listed
        on
            listed.org_code = cases.org_code
            and listed.mdtrt_id = cases.mdtrt_id
    left join listed_operations
        on
            listed_operations.org_code = cases.org_code
            and listed_operations.mdtrt_id = cases.mdtrt_id
    left join insured_stays
        on
            insured_stays.org_code = cases.org_code
            and insured_stays.mdtrt_id = cases.mdtrt_id
    left join ward_stays
        on
            ward_stays.org_code = cases.org_code
            and ward_stays.mdtrt_id = cases.mdtrt_id
    left join front_pages
        on
            front_pages.org_code = ward_stays.org_code
            and front_pages.adm_id = ward_stays.adm_id
    left join first_surgeries
        on
            first_surgeries.org_code = ward_stays.org_code
            and first_surgeries.adm_id = ward_stays.adm_id
    left join senders on senders.org_code = cases.org_code
),

-- Stays of which a recorded operation is the listed one, as written or after the mapping.
same_operations as (
    select distinct
        paired.org_code,
        paired.setl_id
    from paired
    inner join surgeries
        on
            surgeries.org_code = paired.org_code
            and surgeries.adm_id = paired.adm_id
    left join maps
        on
            maps.org_code in ('*', paired.org_code)
            and maps.code_kind = 'operation'
            and maps.clinical_code = surgeries.icd9cm3
            and paired.setl_month between maps.valid_from and maps.valid_to
    where
        left(surgeries.icd9cm3, 4) = left(paired.listed_operation, 4)
        or left(maps.insurance_code, 4) = left(paired.listed_operation, 4)
),

same_diagnoses as (
    select distinct
        paired.org_code,
        paired.setl_id
    from paired
    left join maps
        on
            maps.org_code in ('*', paired.org_code)
            and maps.code_kind = 'diagnosis'
            and maps.clinical_code = paired.front_diagnosis
            and paired.setl_month between maps.valid_from and maps.valid_to
    where
        left(paired.front_diagnosis, 4) = left(paired.listed_diagnosis, 4)
        or left(maps.insurance_code, 4) = left(paired.listed_diagnosis, 4)
),

-- Codes that the mapping knows in the month of the settlement: those of the list, and those of the front page.
known_listed as (
    select distinct
        paired.org_code,
        paired.setl_id,
        maps.code_kind
    from paired
    inner join maps
        on
            maps.org_code in ('*', paired.org_code)
            and maps.insurance_code
            = case maps.code_kind when 'diagnosis' then paired.listed_diagnosis else paired.listed_operation end
            and paired.setl_month between maps.valid_from and maps.valid_to
),

known_front as (
    select distinct
        paired.org_code,
        paired.setl_id
    from paired
    inner join maps
        on
            maps.org_code in ('*', paired.org_code)
            and maps.code_kind = 'diagnosis'
            and maps.clinical_code = paired.front_diagnosis
            and paired.setl_month between maps.valid_from and maps.valid_to
),

-- An operation of the stay that the mapping lacks may be the listed one.
unknown_surgeries as (
    select distinct
        paired.org_code,
        paired.setl_id
    from paired
    inner join surgeries
        on
            surgeries.org_code = paired.org_code
            and surgeries.adm_id = paired.adm_id
    left join maps
        on
            maps.org_code in ('*', paired.org_code)
            and maps.code_kind = 'operation'
            and maps.clinical_code = surgeries.icd9cm3
            and paired.setl_month between maps.valid_from and maps.valid_to
    where maps.clinical_code is null
),

held as (
    select
        paired.org_code,
        paired.setl_id,
        max(case when maps_held.code_kind = 'diagnosis' then 1 else 0 end) as has_diagnoses,
        max(case when maps_held.code_kind = 'operation' then 1 else 0 end) as has_operations
    from paired
    inner join maps_held
        on
            maps_held.org_code in ('*', paired.org_code)
            and paired.setl_month between maps_held.valid_from and maps_held.valid_to
    group by paired.org_code, paired.setl_id
),

judged as (
    select
        paired.*,
        case
            when paired.diagnosis_key is null then 'missing_list'
            when paired.adm_id is null then 'missing_stay'
            when paired.front_key is null then 'missing_front_page'
            when same_diagnoses.setl_id is not null then 'same'
            when coalesce(held.has_diagnoses, 0) = 0 then 'missing_code_map'
            when known_front.setl_id is null or listed_codes.setl_id is null then 'code_unmapped'
            else 'differs'
        end as diagnosis_state,
        case
            when paired.operation_key is null or paired.adm_id is null or same_operations.setl_id is not null then 'same'
            when not paired.has_surgeries then 'missing_surgery'
            when paired.operation_guard = 'new_technology' then 'new_technology'
            when coalesce(held.has_operations, 0) = 0 then 'missing_code_map'
            when unknown_surgeries.setl_id is not null or operation_codes.setl_id is null then 'code_unmapped'
            else 'differs'
        end as operation_state,
        case
            when same_operations.setl_id is not null then left(paired.listed_operation, 4)
            else coalesce(paired.first_subcategory, '')
        end as operation_done
    from paired
    left join same_diagnoses
        on
            same_diagnoses.org_code = paired.org_code
            and same_diagnoses.setl_id = paired.setl_id
    left join same_operations
        on
            same_operations.org_code = paired.org_code
            and same_operations.setl_id = paired.setl_id
    left join known_front
        on
            known_front.org_code = paired.org_code
            and known_front.setl_id = paired.setl_id
    left join known_listed as listed_codes
        on
            listed_codes.org_code = paired.org_code
            and listed_codes.setl_id = paired.setl_id
            and listed_codes.code_kind = 'diagnosis'
    left join known_listed as operation_codes
        on
            operation_codes.org_code = paired.org_code
            and operation_codes.setl_id = paired.setl_id
            and operation_codes.code_kind = 'operation'
    left join unknown_surgeries
        on
            unknown_surgeries.org_code = paired.org_code
            and unknown_surgeries.setl_id = paired.setl_id
    left join held
        on
            held.org_code = paired.org_code
            and held.setl_id = paired.setl_id
)

select * from judged
