-- Grain: one organisation, month, and either a doctor with reviewed prescriptions or the hospital.
-- Rule: RX15. Doctor: abnormal prescriptions (codes 3-1 to 3-4) that a named reviewer found and the doctor replied
-- to, counted over RX15.abnormal_window months up to one in which there is such a prescription: from
-- RX15.abnormal_rx_warning on yellow (warning, restricted), from RX15.abnormal_rx_withdrawal on red (right
-- withdrawn). Hospital: fewer prescriptions or stays reviewed than the month's sample asks for; see
-- int_review_sample. The share found not reasonable is shown (deviation), no limit is set for it.
-- Source: core.fct_rx_review, int_review_sample, core.fct_prescription.
with reviews as (
    select * from {{ ref('fct_rx_review') }}
    where review_kind <> 'pre_audit'
),

samples as (
    select * from {{ ref('int_review_sample') }}
),

insured_shares as (
    select * from {{ ref('int_prescription_fund') }}
),

findings as (
    select
        reviews.*,
        case
            when not is_abnormal then 'clear'
            when reviewer_code is null then 'no_reviewer'
            when not has_reply then 'no_reply'
            else 'counted'
        end as finding
    from reviews
    where setting = 'outpatient' and doctor_code is not null
),

doctor_months as (
    select
        org_code,
        doctor_code,
        subject_month,
        max(dept_code) as dept_code,
        count(*) as reviewed,
        cast(sum(case when is_reasonable then 0 else 1 end) as numeric(18, 4)) / count(*) as not_reasonable_share,
        sum(case when is_abnormal then 1 else 0 end) as abnormal,
        sum(case when finding = 'counted' then 1 else 0 end) as counted,
        min(case when finding in ('no_reviewer', 'no_reply') then finding end) as not_counted
    from findings
    group by org_code, doctor_code, subject_month
),

-- Only months with an abnormal prescription look back.
counts as (
    select
        own.org_code,
        own.doctor_code,
        own.subject_month,
        sum(past.abnormal) as abnormal_so_far,
        sum(past.counted) as counted_so_far,
        min(past.not_counted) as not_counted
    from doctor_months as own
    {{ threshold_join('months', 'RX15', 'abnormal_window', 'own.org_code', 'own.subject_month') }}
    inner join doctor_months as past
        on
            past.org_code = own.org_code
            and past.doctor_code = own.doctor_code
            and past.abnormal > 0
            and past.subject_month <= own.subject_month
            and past.subject_month > {{ add_months('own.subject_month', '-1 * cast(months.value as integer)') }}
    where own.abnormal > 0
    group by own.org_code, own.doctor_code, own.subject_month
),

doctors as (
    select
        doctor_months.*,
        coalesce(counts.counted_so_far, 0) as counted_so_far,
        warning.value as warning,
        case
            when doctor_months.counted > 0 and counts.counted_so_far >= warning.value then 'fired'
            when counts.abnormal_so_far >= warning.value then coalesce(counts.not_counted, 'clear')
            else 'clear'
        end as verdict,
        case when counts.counted_so_far >= withdrawal.value then 'red' else 'yellow' end as zone
    from doctor_months
    left join counts
        on
            counts.org_code = doctor_months.org_code
            and counts.doctor_code = doctor_months.doctor_code
            and counts.subject_month = doctor_months.subject_month
    {{
        threshold_join(
            'warning', 'RX15', 'abnormal_rx_warning', 'doctor_months.org_code', 'doctor_months.subject_month',
        )
    }}
    {{
        threshold_join(
            'withdrawal', 'RX15', 'abnormal_rx_withdrawal', 'doctor_months.org_code', 'doctor_months.subject_month',
        )
    }}
),

settings as (
    select
        samples.*,
        sum(reviewed) over (partition by org_code, subject_month) as all_reviewed,
        row_number() over (
            partition by org_code, subject_month
            order by cast(reviewed as numeric(18, 4)) / required, setting
        ) as choice
    from samples
),

hospitals as (
    select
        settings.*,
        case
            when all_reviewed = 0 then 'missing_reviews'
            when not is_due then 'not_due'
            when reviewed < required then 'fired'
            else 'clear'
        end as sample_verdict
    from settings
    where choice = 1
),

outcomes as (
    select
        org_code,
        'doctor' as subject_type,
        doctor_code as subject_id,
        dept_code,
        doctor_code,
        subject_month as period_start,
        {{ add_days(add_months('subject_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['missing_reviews', 'not_due']) }} as outcome,
        verdict as reason,
        zone,
        '疑点' as state,
        'outpatient' as setting,
        counted_so_far as value,
        warning as threshold,
        reviewed as n,
        not_reasonable_share as deviation
    from doctors
    union all
    select
        org_code,
        'hospital' as subject_type,
        org_code as subject_id,
        null as dept_code,
        null as doctor_code,
        subject_month as period_start,
        {{ add_days(add_months('subject_month', 1), -1) }} as period_end,
        {{ outcome_of('sample_verdict', ['missing_reviews', 'not_due']) }} as outcome,
        sample_verdict as reason,
        'yellow' as zone,
        '疑点' as state,
        setting,
        reviewed as value,
        required as threshold,
        subjects as n,
        cast(reviewed as numeric(18, 4)) / required as deviation
    from hospitals
),

-- Behind a doctor's lead stand the prescriptions of the whole window, at risk are those of the month; behind a
-- hospital's the reviews that there were, of which those of the setting that falls short count.
evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'his_rx_review' as source_table,
        findings.review_id as row_key,
        1 as value,
        case when findings.subject_month = outcomes.period_start then coalesce(findings.amount, 0) else 0 end
            as risk_gross,
        case when findings.subject_month = outcomes.period_start then coalesce(findings.amount, 0) else 0 end
        * coalesce(insured_shares.insured_share, 0) as risk_fund
    from outcomes
    {{ threshold_join('months', 'RX15', 'abnormal_window', 'outcomes.org_code', 'outcomes.period_start') }}
    inner join findings
        on
            findings.org_code = outcomes.org_code
            and findings.doctor_code = outcomes.doctor_code
            and findings.is_abnormal
            and (findings.finding = 'counted' or outcomes.outcome = 'guarded')
            and findings.subject_month <= outcomes.period_start
            and findings.subject_month > {{ add_months('outcomes.period_start', '-1 * cast(months.value as integer)') }}
    left join insured_shares
        on
            insured_shares.org_code = findings.org_code
            and insured_shares.rx_id = findings.rx_id
    where outcomes.subject_type = 'doctor' and outcomes.outcome in ('fired', 'guarded')
    union all
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'his_rx_review' as source_table,
        reviews.review_id as row_key,
        case when reviews.setting = outcomes.setting then 1 else 0 end as value,
        0 as risk_gross,
        0 as risk_fund
    from outcomes
    inner join reviews
        on
            reviews.org_code = outcomes.org_code
            and reviews.subject_month = outcomes.period_start
    where outcomes.subject_type = 'hospital' and outcomes.outcome = 'fired'
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'RX15', '1.0.0', 'subject_type', 'with_evidence',
            absent=['expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
