{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['org_code', 'rx_month'],
        on_schema_change='fail',
        pre_hook="{{ clear_changed_months(this, 'rx_month') }}",
        indexes=[
            {'columns': ['org_code', 'rx_id'], 'unique': true},
            {'columns': ['org_code', 'rx_month']},
        ],
    )
}}

-- Grain: one valid prescription that has at least one line.
-- Rule: drug_count counts generic names of western, patent TCM and hospital preparations without solvents and skin tests;
-- cost_group says among which prescriptions the amount is compared: herb; a group of specialty drugs by ATC, the
-- first that a line has of haemophilia (B02BD), biologic (antibodies and other biologics of L04: AB, AC, AG),
-- transplant (the other immunosuppressants, L04), oncology (L01 to L03) and negotiated (the other negotiated
-- drugs, those for rare diseases among them); general.
with prescriptions as (
    select * from {{ ref('stg_his__rx') }}
    where
        status = 'valid'
        and {{ in_changed_months(this, 'stg_his__rx', 'rx_month') }}
),

lines as (
    select
        org_code,
        rx_id,
        sum(amount) as amount,
        count(distinct generic_name) filter (
            where drug_class in ('western', 'patent_tcm', 'preparation') and not is_solvent and not is_skin_test
        ) as drug_count,
        max(days_supply) as days_supply,
        min(
            case
                when not is_specialty then null
                when atc_code like 'B02BD%' then 1
                when atc_code like 'L04AB%' or atc_code like 'L04AC%' or atc_code like 'L04AG%' then 2
                when atc_code like 'L04%' then 3
                when atc_code like 'L%' then 4
                else 5
            end
        ) as specialty_rank,
        min(case when drug_class = 'herb_piece' then 1 else 0 end) as herbs_only
    from {{ ref('fct_prescription_line') }} as fct_prescription_line
    where {{ in_changed_months(this, 'fct_prescription_line', 'rx_month') }}
    group by org_code, rx_id
),

main_diagnoses as (
    select
        org_code,
        visit_id,
        min(left(icd10, 3)) as main_icd3
    from {{ ref('stg_his__outp_diag') }}
    where is_main
    group by org_code, visit_id
),

departments as (
    select * from {{ ref('dim_department') }}
),

described as (
    select
        prescriptions.org_code,
        prescriptions.rx_id,
        prescriptions.visit_id,
        prescriptions.patient_id,
        prescriptions.rx_kind,
        prescriptions.doctor_code,
        prescriptions.dept_code,
        departments.std_dept_code,
        departments.discipline_group,
        prescriptions.rx_time,
        prescriptions.rx_month,
        prescriptions.long_term_flag,
        prescriptions.extend_reason,
        lines.days_supply,
        main_diagnoses.main_icd3,
        cast(lines.amount as numeric(18, 2)) as amount,
        cast(lines.drug_count as integer) as drug_count,
        case
            when prescriptions.rx_kind = 'herb' or lines.herbs_only = 1 then 'herb'
            when lines.specialty_rank = 1 then 'haemophilia'
            when lines.specialty_rank = 2 then 'biologic'
            when lines.specialty_rank = 3 then 'transplant'
            when lines.specialty_rank = 4 then 'oncology'
            when lines.specialty_rank = 5 then 'negotiated'
            else 'general'
        end as cost_group,
        prescriptions.batch_id
    from prescriptions
    inner join lines
        on
            prescriptions.org_code = lines.org_code
            and prescriptions.rx_id = lines.rx_id
    left join main_diagnoses
        on
            prescriptions.org_code = main_diagnoses.org_code
            and prescriptions.visit_id = main_diagnoses.visit_id
    left join departments
        on
            prescriptions.org_code = departments.org_code
            and prescriptions.dept_code = departments.dept_code
)

select * from described
