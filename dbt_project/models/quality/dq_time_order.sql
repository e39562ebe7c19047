{% set days = 'cast(tolerance.value as integer)' %}

-- Grain: identity DQ7 by organisation, table and month.
-- Rule: an inpatient line lies between admission and discharge, DQ7.tolerance_days (one) more on either side,
-- an open stay having no end yet; a settlement begins before it ends and ends before it is settled.
-- Source: core.fct_fee_line, core.fct_insurance_line, staging.
with stays as (
    select
        org_code,
        adm_id,
        cast(adm_time as date) as begin_date,
        cast(dscg_time as date) as end_date
    from {{ ref('stg_his__admission') }}
),

insured_stays as (
    select
        encounters.org_code,
        encounters.mdtrt_id,
        cast(encounters.begntime as date) as begin_date,
        cast(encounters.endtime as date) as end_date
    from {{ ref('stg_insurance__mdtrt_d') }} as encounters
    inner join {{ ref('code_label') }} as inpatient
        on
            left(encounters.med_type, 2) = inpatient.code
            and inpatient.code_set = 'inpatient_med_type'
),

fee_lines as (
    select
        lines.org_code,
        lines.service_month as period_month,
        lines.fee_id as row_key,
        lines.service_date between {{ add_days('stays.begin_date', '-' ~ days) }}
        and {{ add_days('coalesce(stays.end_date, lines.service_date)', days) }} as holds
    from {{ ref('fct_fee_line') }} as lines
    left join stays
        on
            lines.org_code = stays.org_code
            and lines.encounter_id = stays.adm_id
    {{ threshold_join('tolerance', 'DQ7', 'tolerance_days', 'lines.org_code', 'lines.service_month') }}
    where lines.encounter_type = 'I'
),

insurance_lines as (
    select
        lines.org_code,
        lines.service_month as period_month,
        lines.fee_serial as row_key,
        lines.service_date between {{ add_days('insured_stays.begin_date', '-' ~ days) }}
        and {{ add_days('coalesce(insured_stays.end_date, lines.service_date)', days) }} as holds
    from {{ ref('fct_insurance_line') }} as lines
    inner join insured_stays
        on
            lines.org_code = insured_stays.org_code
            and lines.mdtrt_id = insured_stays.mdtrt_id
    {{ threshold_join('tolerance', 'DQ7', 'tolerance_days', 'lines.org_code', 'lines.service_month') }}
),

settlements as (
    select
        org_code,
        setl_month as period_month,
        setl_id as row_key,
        begndate <= enddate and enddate <= cast(setl_time as date) as holds
    from {{ ref('stg_insurance__setl_d') }}
    where vali_flag = '1'
),

identity as (
    {{ identity_month('DQ7', 'his_fee', 'fee_lines', reason="'missing_encounter'") }}
    union all
    {{ identity_month('DQ7', 'yb_fee_list_d', 'insurance_lines') }}
    union all
    {{ identity_month('DQ7', 'yb_setl_d', 'settlements') }}
)

select * from identity
