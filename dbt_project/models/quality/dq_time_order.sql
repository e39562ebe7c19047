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
        'his_fee' as table_name,
        lines.org_code,
        lines.service_month,
        lines.fee_id as row_key,
        {{ days_outside('lines.service_date', 'stays.begin_date', 'stays.end_date') }} as days_outside
    from {{ ref('fct_fee_line') }} as lines
    left join stays
        on
            lines.org_code = stays.org_code
            and lines.encounter_id = stays.adm_id
    where lines.encounter_type = 'I'
),

insurance_lines as (
    select
        'yb_fee_list_d' as table_name,
        lines.org_code,
        lines.service_month,
        lines.fee_serial as row_key,
        {{ days_outside('lines.service_date', 'insured_stays.begin_date', 'insured_stays.end_date') }} as days_outside
    from {{ ref('fct_insurance_line') }} as lines
    inner join insured_stays
        on
            lines.org_code = insured_stays.org_code
            and lines.mdtrt_id = insured_stays.mdtrt_id
),

lines as (
    select * from fee_lines
    union all
    select * from insurance_lines
),

distances as (
    select
        table_name,
        org_code,
        service_month,
        days_outside,
        count(*) as line_count,
        min(row_key) as row_key
    from lines
    group by table_name, org_code, service_month, days_outside
),

checked as (
    select
        distances.table_name,
        distances.org_code,
        distances.service_month as period_month,
        distances.row_key,
        distances.line_count,
        distances.days_outside <= tolerance.value as holds
    from distances
    {{ threshold_join('tolerance', 'DQ7', 'tolerance_days', 'distances.org_code', 'distances.service_month') }}
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
    {{
        identity_month(
            'DQ7', 'his_fee', "checked where table_name = 'his_fee'",
            weight='line_count', reason="'missing_encounter'",
        )
    }}
    union all
    {{ identity_month('DQ7', 'yb_fee_list_d', "checked where table_name = 'yb_fee_list_d'", weight='line_count') }}
    union all
    {{ identity_month('DQ7', 'yb_setl_d', 'settlements') }}
)

select * from identity
