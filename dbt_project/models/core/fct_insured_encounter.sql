{{ config(materialized='view') }}

-- Grain: one valid encounter as the insurance knows it: who was insured how, and by what kind of visit.
-- Rule: a sex other than 1 or 2 is unknown.
with encounters as (
    select * from {{ ref('stg_insurance__mdtrt_d') }}
    where vali_flag = '1'
),

known as (
    select
        org_code,
        mdtrt_id,
        case when gend in ('1', '2') then gend end as sex,
        brdy as birth_date,
        med_type,
        insutype,
        hosp_lv,
        batch_id
    from encounters
)

select * from known
