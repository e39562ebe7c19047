-- Grain: one insured inpatient stay, with what was settled for it.
with encounters as (
    select * from {{ ref('stg_insurance__mdtrt_d') }}
    where vali_flag = '1'
),

inpatient_types as (
    select * from {{ ref('code_label') }}
    where code_set = 'inpatient_med_type'
),

settled as (
    select
        org_code,
        mdtrt_id,
        sum(amount) as amount,
        sum(fund_amount) as fund_amount
    from {{ ref('fct_insurance_settlement') }}
    where is_counted
    group by org_code, mdtrt_id
),

departments as (
    select * from {{ ref('stg_his__dept') }}
),

-- The insurance names departments by its own code; two departments may share one.
his_departments as (
    select
        org_code,
        hi_dept_code,
        min(dept_code) as dept_code
    from departments
    where hi_dept_code is not null
    group by org_code, hi_dept_code
),

stays as (
    select
        encounters.org_code,
        encounters.mdtrt_id,
        encounters.psn_key,
        encounters.begntime,
        encounters.endtime,
        cast(encounters.begntime as date) as begin_date,
        cast(encounters.endtime as date) as end_date,
        {{ month_of('encounters.begntime') }} as begin_month,
        left(encounters.dscg_maindiag_code, 3) as main_icd3,
        encounters.dscg_maindiag_code as main_icd,
        encounters.med_type,
        encounters.dscg_way as discharge_way,
        encounters.refl_old_mdtrt_id as referred_from_mdtrt_id,
        coalesce(encounters.dscg_dept_codg, encounters.adm_dept_codg) as department_code,
        encounters.adm_dept_name as department_name,
        coalesce(own.dept_code, his_departments.dept_code) as dept_code,
        encounters.chfpdr_code as hi_doctor_code,
        cast(coalesce(settled.amount, 0) as numeric(18, 2)) as amount,
        cast(coalesce(settled.fund_amount, 0) as numeric(18, 2)) as fund_amount,
        encounters.batch_id
    from encounters
    inner join inpatient_types on left(encounters.med_type, 2) = inpatient_types.code
    left join settled
        on
            encounters.org_code = settled.org_code
            and encounters.mdtrt_id = settled.mdtrt_id
    left join departments as own
        on
            encounters.org_code = own.org_code
            and coalesce(encounters.dscg_dept_codg, encounters.adm_dept_codg) = own.dept_code
    left join his_departments
        on
            encounters.org_code = his_departments.org_code
            and coalesce(encounters.dscg_dept_codg, encounters.adm_dept_codg) = his_departments.hi_dept_code
)

select * from stays
