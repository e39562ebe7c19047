-- Grain: one valid diagnosis on the settlement list of a graded stay, in the month of its settlement.
-- Source: staging, core.fct_grouped_case.
with diagnoses as (
    select * from {{ ref('stg_insurance__setl_list_diag_d') }}
    where vali_flag = '1' and diag_code is not null
),

stays as (
    select
        org_code,
        mdtrt_id,
        max(setl_month) as setl_month
    from {{ ref('fct_grouped_case') }}
    group by org_code, mdtrt_id
),

placed as (
    select
        diagnoses.org_code,
        diagnoses.setl_list_diag_id,
        diagnoses.mdtrt_id,
        diagnoses.diag_code as icd10,
        coalesce(diagnoses.maindiag_flag, '0') = '1' as is_main,
        stays.setl_month,
        diagnoses.batch_id
    from diagnoses
    inner join stays
        on
            stays.org_code = diagnoses.org_code
            and stays.mdtrt_id = diagnoses.mdtrt_id
)

select * from placed
