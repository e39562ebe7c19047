-- Grain: one day of a closed inpatient stay, between the days of admission and discharge, on which bed,
-- nursing or ward visit was billed and nothing was done or written down.
-- Rule: nothing means no executed order but nursing and diet, no vital signs, no nursing record. A day on
-- leave is marked. run_days is the length of the stretch of days that the day lies in,
-- unexcused_run_days that of the days not on leave (0 for a day on leave).
-- Source: core.fct_fee_line, core.fct_ward_stay, core.fct_order_execution, core.fct_nursing_day.
with stays as (
    select * from {{ ref('fct_ward_stay') }}
    where dscg_time is not null
),

paid_days as (
    select
        org_code,
        encounter_id as adm_id,
        service_date as stay_date
    from {{ ref('fct_fee_line') }}
    where encounter_type = 'I' and item_category in ('01', '02', '07')
    group by org_code, encounter_id, service_date
),

days_with_care as (
    select distinct
        org_code,
        adm_id,
        exec_date
    from {{ ref('fct_order_execution') }}
    where coalesce(order_kind, '') not in ('nursing', 'diet')
),

nursing_days as (
    select * from {{ ref('fct_nursing_day') }}
),

empty_days as (
    select
        paid_days.org_code,
        paid_days.adm_id,
        paid_days.stay_date,
        coalesce(nursing_days.on_leave, false) as on_leave
    from paid_days
    inner join stays
        on
            paid_days.org_code = stays.org_code
            and paid_days.adm_id = stays.adm_id
            and paid_days.stay_date > cast(stays.adm_time as date)
            and paid_days.stay_date < cast(stays.dscg_time as date)
    left join days_with_care
        on
            paid_days.org_code = days_with_care.org_code
            and paid_days.adm_id = days_with_care.adm_id
            and paid_days.stay_date = days_with_care.exec_date
    left join nursing_days
        on
            paid_days.org_code = nursing_days.org_code
            and paid_days.adm_id = nursing_days.adm_id
            and paid_days.stay_date = nursing_days.care_date
    where
        days_with_care.adm_id is null
        and coalesce(nursing_days.vitals_cnt, 0) = 0
        and coalesce(nursing_days.nursing_record_cnt, 0) = 0
),

-- Days in a row are as far from a fixed day as their number says.
numbered as (
    select
        empty_days.*,
        {{ days_between("cast('2000-01-01' as date)", 'stay_date') }}
        - row_number() over (partition by org_code, adm_id order by stay_date) as run_no,
        {{ days_between("cast('2000-01-01' as date)", 'stay_date') }}
        - row_number() over (partition by org_code, adm_id, on_leave order by stay_date) as same_run_no
    from empty_days
),

measured as (
    select
        org_code,
        adm_id,
        stay_date,
        on_leave,
        count(*) over (partition by org_code, adm_id, run_no) as run_days,
        case
            when not on_leave then count(*) over (partition by org_code, adm_id, on_leave, same_run_no)
            else 0
        end as unexcused_run_days
    from numbered
)

select * from measured
