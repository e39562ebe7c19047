-- Grain: one row behind a doubt about the coding of a graded stay: a diagnosis or an operation of its settlement list,
-- or its group, with the doubt (check_code) and what is to be thought of it (verdict: fired, a guard or a missing input).
-- Rule: BL11 (a) and (c). ungrouped_code: main diagnosis or main operation by which no case is grouped;
-- operation_unrecorded: no surgery record or no charge behind an operation; complication_unsupported: no order and no
-- report behind a complication; diagnosis_conflict: a diagnosis that the patient's sex or age excludes; low_rate: the
-- highest group of a family for a stay that cost less than BL11.low_rate of its standard. At risk is what the group
-- pays more than the family's lowest group, once a case, where that group can be named: a complication that falls
-- and a low-rate case; of all other doubts it is not known (null).
-- Source: core.fct_grouped_case, core.fct_listed_diagnosis, core.fct_listed_operation, int_complication_evidence,
-- int_operation_evidence, core.dim_ungrouped_code, ref.diagnosis_limit, ref.coding_guard.
with cases as (
    select
        graded.*,
        ended.guard_code as discharge_guard,
        low_rate.value as low_rate
    from {{ ref('fct_grouped_case') }} as graded
    left join {{ ref('coding_guard') }} as ended
        on ended.match_on = 'discharge_way' and ended.pattern = graded.discharge_way
    {{ threshold_join('low_rate', 'BL11', 'low_rate', 'graded.org_code', 'graded.setl_month') }}
),

diagnoses as (
    select * from {{ ref('fct_listed_diagnosis') }}
),

main_operations as (
    select * from {{ ref('fct_listed_operation') }}
    where is_main
),

ungrouped_codes as (
    select * from {{ ref('dim_ungrouped_code') }}
),

conflicting_codes as (
    select
        codes.icd10,
        limits.sex,
        limits.age_min,
        limits.age_max
    from (select distinct icd10 from diagnoses) as codes
    inner join {{ ref('diagnosis_limit') }} as limits on codes.icd10 like limits.icd_prefix || '%'
),

doubts as (
    select
        diagnoses.org_code,
        diagnoses.mdtrt_id,
        'yb_setl_list_diag_d' as source_table,
        diagnoses.setl_list_diag_id as row_key,
        'ungrouped_code' as check_code,
        'fired' as verdict,
        false as has_lower_group
    from diagnoses
    inner join ungrouped_codes
        on
            ungrouped_codes.org_code in ('*', diagnoses.org_code)
            and ungrouped_codes.code_kind = 'diagnosis'
            and ungrouped_codes.code = diagnoses.icd10
            and diagnoses.setl_month between ungrouped_codes.valid_from and ungrouped_codes.valid_to
    where diagnoses.is_main
    union
    select
        main_operations.org_code,
        main_operations.mdtrt_id,
        'yb_setl_list_oprn_d' as source_table,
        main_operations.setl_list_oprn_id as row_key,
        'ungrouped_code' as check_code,
        coalesce(nullif(main_operations.guard_code, 'not_theatre'), 'fired') as verdict,
        false as has_lower_group
    from main_operations
    inner join ungrouped_codes
        on
            ungrouped_codes.org_code in ('*', main_operations.org_code)
            and ungrouped_codes.code_kind = 'operation'
            and ungrouped_codes.code = main_operations.icd9cm3
            and main_operations.setl_month between ungrouped_codes.valid_from and ungrouped_codes.valid_to
    union all
    select
        org_code,
        mdtrt_id,
        'yb_setl_list_oprn_d' as source_table,
        setl_list_oprn_id as row_key,
        'operation_unrecorded' as check_code,
        case
            when adm_id is null then 'missing_stay'
            when not has_records then 'missing_surgery'
            else coalesce(guard_code, 'fired')
        end as verdict,
        false as has_lower_group
    from {{ ref('int_operation_evidence') }}
    where not (has_record and has_charge)
    union all
    select
        org_code,
        mdtrt_id,
        'yb_setl_list_diag_d' as source_table,
        setl_list_diag_id as row_key,
        'complication_unsupported' as check_code,
        case
            when adm_id is null then 'missing_stay'
            when supported_others > 0 then 'group_stands'
            else 'fired'
        end as verdict,
        true as has_lower_group
    from {{ ref('int_complication_evidence') }}
    where not is_supported
    union all
    select
        org_code,
        mdtrt_id,
        'yb_drg_group' as source_table,
        setl_id as row_key,
        'low_rate' as check_code,
        coalesce(discharge_guard, 'fired') as verdict,
        true as has_lower_group
    from cases
    where is_high and amount < low_rate * std_amount
    union
    select
        diagnoses.org_code,
        diagnoses.mdtrt_id,
        'yb_setl_list_diag_d' as source_table,
        diagnoses.setl_list_diag_id as row_key,
        'diagnosis_conflict' as check_code,
        'fired' as verdict,
        false as has_lower_group
    from diagnoses
    inner join conflicting_codes on conflicting_codes.icd10 = diagnoses.icd10
    inner join cases
        on
            cases.org_code = diagnoses.org_code
            and cases.mdtrt_id = diagnoses.mdtrt_id
            and cases.is_last
    where
        conflicting_codes.sex <> case when cases.sex in ('1', '2') then cases.sex end
        or {{ add_months('cases.birth_date', '12 * conflicting_codes.age_min') }} > cases.begin_date
        or {{ add_months('cases.birth_date', '12 * conflicting_codes.age_max') }} <= cases.begin_date
),

excused as (
    select
        cases.org_code,
        cases.setl_id,
        cases.mdtrt_id,
        cases.setl_month,
        cases.dept_code,
        doubts.source_table,
        doubts.row_key,
        doubts.check_code,
        case
            when doubts.verdict like 'missing%' then doubts.verdict
            when doubts.check_code = 'complication_unsupported' and not coalesce(cases.weight > cases.lowest_weight, false)
                then 'no_effect'
            when doubts.verdict = 'fired' and doubts.has_lower_group and cases.has_new_technology then 'new_technology'
            else doubts.verdict
        end as verdict,
        case when doubts.has_lower_group and doubts.verdict <> 'group_stands' then cases.excess_amount end as excess_amount
    from doubts
    inner join cases
        on
            cases.org_code = doubts.org_code
            and cases.mdtrt_id = doubts.mdtrt_id
            and case doubts.source_table when 'yb_drg_group' then doubts.row_key = cases.setl_id else cases.is_last end
),

starts as (
    select
        org_code,
        max(changed_on) as started_on
    from {{ ref('dim_coding_change') }}
    where change_kind = 'payment_start'
    group by org_code
),

-- Before the payment method began a group paid nothing.
judged as (
    select
        excused.org_code,
        excused.setl_id,
        excused.mdtrt_id,
        excused.setl_month,
        excused.dept_code,
        excused.source_table,
        excused.row_key,
        excused.check_code,
        case
            when excused.verdict = 'fired' and excused.setl_month < coalesce(own_start.started_on, region_start.started_on)
                then 'before_payment_start'
            else excused.verdict
        end as verdict,
        excused.excess_amount
    from excused
    left join starts as own_start on own_start.org_code = excused.org_code
    left join starts as region_start on region_start.org_code = '*'
),

-- What a case pays too much is counted once, whatever the number of doubts.
counted as (
    select
        judged.*,
        cast(
            case
                when excess_amount is null then null
                when
                    row_number() over (
                        partition by org_code, mdtrt_id, setl_id, verdict = 'fired', excess_amount is null
                        order by check_code, row_key
                    ) = 1
                    then excess_amount
                else 0
            end as numeric(18, 2)
        ) as risk_amount
    from judged
)

select * from counted
