-- Grain: one organisation and closed inpatient stay, in the month of admission.
-- Rule: BL07, days of a stay with bed, nursing or ward visit billed on which nothing was done or written
-- down: so many in a row, or so large a share of a stay that is long enough (挂床住院, 条例 §38).
-- Source: core.fct_ward_stay, core.fct_fee_line, core.fct_order_execution, core.fct_nursing_day.
with ward_stays as (
    select * from {{ ref('fct_ward_stay') }}
    where dscg_time is not null
),

departments as (
    select * from {{ ref('dim_department') }}
),

fee_lines as (
    select * from {{ ref('fct_fee_line') }}
    where encounter_type = 'I' and item_category in ('01', '02', '07')
),

empty_days as (
    select * from {{ ref('int_empty_day') }}
),

insured_shares as (
    select * from {{ ref('int_insured_share') }}
),

organisations_with_executions as (
    select distinct
        org_code,
        exec_month
    from {{ ref('fct_order_execution') }}
),

organisations_with_nursing as (
    select distinct
        org_code,
        care_month
    from {{ ref('fct_nursing_day') }}
),

insured_encounters as (
    select
        org_code,
        encounter_id as adm_id,
        max(hi_mdtrt_id) as hi_mdtrt_id
    from fee_lines
    group by org_code, encounter_id
),

counted as (
    select
        org_code,
        adm_id,
        count(*) as days_without_care,
        sum(case when on_leave then 0 else 1 end) as empty_days,
        max(run_days) as longest_run,
        max(unexcused_run_days) as longest_unexcused_run
    from empty_days
    group by org_code, adm_id
),

stays as (
    select
        ward_stays.org_code,
        ward_stays.adm_id,
        coalesce(insured_encounters.hi_mdtrt_id, ward_stays.adm_id) as subject_id,
        ward_stays.dept_code,
        {{ month_of('ward_stays.adm_time') }} as period_start,
        ward_stays.stay_days,
        cast(ward_stays.dscg_time as date) as dscg_date,
        coalesce(counted.days_without_care, 0) as days_without_care,
        coalesce(counted.empty_days, 0) as empty_days,
        coalesce(counted.longest_run, 0) as longest_run,
        coalesce(counted.longest_unexcused_run, 0) as longest_unexcused_run,
        ward_stays.batch_id
    from ward_stays
    left join insured_encounters
        on
            ward_stays.org_code = insured_encounters.org_code
            and ward_stays.adm_id = insured_encounters.adm_id
    left join counted
        on
            ward_stays.org_code = counted.org_code
            and ward_stays.adm_id = counted.adm_id
),

judged_stays as (
    select
        stays.*,
        {{ add_days(add_months('stays.period_start', 1), -1) }} as period_end,
        run_limit.value as threshold,
        cast(stays.empty_days as numeric(18, 4)) / stays.stay_days as deviation,
        case
            when organisations_with_executions.org_code is null then 'missing_executions'
            when organisations_with_nursing.org_code is null then 'missing_nursing_days'
            when
                stays.longest_run < run_limit.value
                and (
                    stays.days_without_care < share_limit.value * stays.stay_days
                    or stays.stay_days < stay_limit.value
                )
                then 'clear'
            when departments.discipline_group in ('psychiatric', 'rehabilitation') then 'long_stay_department'
            when
                stays.longest_unexcused_run < run_limit.value
                and (
                    stays.empty_days < share_limit.value * stays.stay_days
                    or stays.stay_days < stay_limit.value
                )
                then 'approved_leave'
            when {{ days_between('stays.dscg_date', detect_date()) }} < late_days.value then 'late_entry'
            else 'fired'
        end as verdict
    from stays
    left join departments
        on
            stays.org_code = departments.org_code
            and stays.dept_code = departments.dept_code
    left join organisations_with_executions
        on
            stays.org_code = organisations_with_executions.org_code
            and stays.period_start = organisations_with_executions.exec_month
    left join organisations_with_nursing
        on
            stays.org_code = organisations_with_nursing.org_code
            and stays.period_start = organisations_with_nursing.care_month
    {{ threshold_join('run_limit', 'BL07', 'empty_days', 'stays.org_code', 'stays.period_start') }}
    {{ threshold_join('share_limit', 'BL07', 'empty_share', 'stays.org_code', 'stays.period_start') }}
    {{ threshold_join('stay_limit', 'BL07', 'min_stay_days', 'stays.org_code', 'stays.period_start') }}
    {{ threshold_join('late_days', 'BL07', 'late_entry_days', 'stays.org_code', 'stays.period_start') }}
),

outcomes as (
    select
        judged_stays.*,
        {{ outcome_of('verdict', ['missing_executions', 'missing_nursing_days']) }} as outcome,
        verdict as reason,
        'red' as zone,
        '疑点' as state,
        stay_days as n
    from judged_stays
),

-- What was billed on the empty days; a day counts once, with its first line.
charged_lines as (
    select
        fee_lines.org_code,
        fee_lines.encounter_id as adm_id,
        fee_lines.fee_id,
        fee_lines.net_amount,
        empty_days.on_leave,
        row_number() over (
            partition by fee_lines.org_code, fee_lines.encounter_id, fee_lines.service_date
            order by fee_lines.fee_time, fee_lines.fee_id
        ) as line_of_day
    from fee_lines
    inner join empty_days
        on
            fee_lines.org_code = empty_days.org_code
            and fee_lines.encounter_id = empty_days.adm_id
            and fee_lines.service_date = empty_days.stay_date
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'his_fee' as source_table,
        charged_lines.fee_id as row_key,
        case when charged_lines.line_of_day = 1 then 1 else 0 end as value,
        charged_lines.net_amount as risk_gross,
        charged_lines.net_amount * coalesce(insured_shares.insured_share, 0) as risk_fund
    from outcomes
    inner join charged_lines
        on
            outcomes.org_code = charged_lines.org_code
            and outcomes.adm_id = charged_lines.adm_id
            and (outcomes.outcome = 'guarded' or not charged_lines.on_leave)
    left join insured_shares
        on
            charged_lines.org_code = insured_shares.org_code
            and charged_lines.fee_id = insured_shares.fee_id
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL07', '1.0.0', "'encounter'", 'with_evidence', value='coalesce(evidence_value, days_without_care)',
            absent=['doctor_code', 'expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
