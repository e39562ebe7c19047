-- Grain: one organisation, doctor, month and metric of outpatient prescribing.
-- Rule: CH01, the doctor's deviation from the peers rose and stayed up: the CUSUM of peers.peer_prescribing_change passes
-- CH01.limit, the false discovery rate holds, and the month lies above the peers' third quartile and by
-- CH01.min_growth above the doctor's baseline, a share also by CH01.min_share_rise. One change is one
-- lead: months in which the months before already passed are guarded. Essential medicines are watched by the share
-- of all others, since it is their fall that matters. Amount at risk is the part above the doctor's own baseline.
-- Source: peers.peer_prescribing_score, peers.peer_prescribing_change, peers.peer_key_use, core.fct_prescription, int_visit_line,
-- int_prescription_fund.
with scores as (
    select * from {{ ref('peer_prescribing_score') }}
    where metric in {{ watched_metrics() }}
),

changes as (
    select * from {{ ref('peer_prescribing_change') }}
),

key_uses as (
    select * from {{ ref('peer_key_use') }}
    where setting = 'outpatient' and not is_supported
),

visit_lines as (
    select * from {{ ref('int_visit_line') }}
    where setting = 'outpatient'
),

prescriptions as (
    select * from {{ ref('fct_prescription') }} as fct_prescription
    where {{ amount_metric('fct_prescription') }} = 'log_avg_amount' and amount > 0
),

measured as (
    select
        scores.*,
        changes.baseline_months,
        changes.baseline_value,
        changes.has_moved,
        changes.cusum,
        changes.p_value as change_p,
        changes.q_value as change_q,
        changes.limit_lower as change_lower,
        changes.limit_upper as change_upper,
        case when scores.metric = 'essential_share' then 1 - scores.metric_value else scores.metric_value end as value,
        case when scores.metric = 'essential_share' then 1 - changes.baseline_value else changes.baseline_value end
            as expected_value
    from scores
    left join changes
        on
            changes.metric = scores.metric
            and changes.org_code = scores.org_code
            and changes.doctor_code = scores.doctor_code
            and changes.rx_month = scores.rx_month
),

months as (
    select
        measured.*,
        cusum_limit.value as cusum_limit,
        watch.value as watch_months,
        case
            when not measured.has_volume then 'below_volume'
            when measured.peer_group is null then 'no_peer_group'
            when measured.baseline_months is null then 'short_history'
            when measured.cusum is null then 'no_variation'
            when measured.cusum <= cusum_limit.value then 'clear'
            when measured.has_moved then 'moved_department'
            when measured.x <= measured.q3 then 'within_peer_range'
            when
                measured.value < measured.expected_value * (1 + growth.value)
                or (measured.metric <> 'log_avg_amount' and measured.value < measured.expected_value + rise.value)
                then 'small_change'
            when measured.change_q > fdr.value then 'false_discovery'
            else 'fired'
        end as month_verdict
    from measured
    {{ threshold_join('cusum_limit', 'CH01', 'limit', 'measured.org_code', 'measured.rx_month') }}
    {{ threshold_join('watch', 'CH01', 'watch_months', 'measured.org_code', 'measured.rx_month') }}
    {{ threshold_join('growth', 'CH01', 'min_growth', 'measured.org_code', 'measured.rx_month') }}
    {{ threshold_join('rise', 'CH01', 'min_share_rise', 'measured.org_code', 'measured.rx_month') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'measured.org_code', 'measured.rx_month') }}
),

known as (
    select distinct
        later.metric,
        later.org_code,
        later.doctor_code,
        later.rx_month
    from months as later
    inner join months as earlier
        on
            earlier.metric = later.metric
            and earlier.org_code = later.org_code
            and earlier.doctor_code = later.doctor_code
            and earlier.rx_month < later.rx_month
            and earlier.rx_month >= {{ add_months('later.rx_month', '-1 * cast(later.watch_months as integer)') }}
            and earlier.month_verdict = 'fired'
    where later.month_verdict = 'fired'
),

judged as (
    select
        months.*,
        case when known.rx_month is null then months.month_verdict else 'known_change' end as verdict
    from months
    left join known
        on
            known.metric = months.metric
            and known.org_code = months.org_code
            and known.doctor_code = months.doctor_code
            and known.rx_month = months.rx_month
),

outcomes as (
    select
        judged.org_code,
        judged.doctor_code || '|' || judged.metric as subject_id,
        judged.metric,
        judged.doctor_code,
        judged.dept_code,
        judged.rx_month as period_start,
        {{ add_days(add_months('judged.rx_month', 1), -1) }} as period_end,
        {{
            outcome_of('verdict', ['below_volume', 'no_peer_group', 'short_history', 'no_variation'])
        }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        judged.value,
        judged.cusum_limit as threshold,
        judged.expected_value as expected,
        judged.change_lower as limit_lower,
        judged.change_upper as limit_upper,
        judged.peer_group,
        judged.peer_n,
        judged.n,
        judged.cusum as deviation,
        judged.change_p as p_value,
        judged.change_q as q_value,
        greatest(1 - judged.expected_value / nullif(judged.value, 0), 0) as excess_share
    from judged
),

in_question as (
    select * from outcomes
    where outcome in ('fired', 'guarded')
),

lines as (
    select
        in_question.*,
        key_uses.row_key as rx_item_id,
        key_uses.amount,
        key_uses.amount as weight
    from in_question
    inner join key_uses
        on
            key_uses.org_code = in_question.org_code
            and key_uses.doctor_code = in_question.doctor_code
            and key_uses.use_month = in_question.period_start
    where in_question.metric = 'key_share'
    union all
    select
        in_question.*,
        visit_lines.rx_item_id,
        visit_lines.amount,
        1 as weight
    from in_question
    inner join visit_lines
        on
            visit_lines.org_code = in_question.org_code
            and visit_lines.doctor_code = in_question.doctor_code
            and visit_lines.rx_month = in_question.period_start
            and case in_question.metric
                when 'antibacterial_rate' then visit_lines.is_systemic_antibacterial
                when 'injection_rate' then visit_lines.is_counted_injection
                when 'essential_share' then not visit_lines.is_essential
            end
),

lines_behind as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        rx_item_id,
        value * weight / nullif(sum(weight) over (partition by org_code, subject_id, period_start), 0) as value,
        amount * excess_share as risk_gross
    from lines
),

prescriptions_behind as (
    select
        in_question.org_code,
        in_question.subject_id,
        in_question.period_start,
        in_question.outcome,
        'his_rx' as source_table,
        prescriptions.rx_id as row_key,
        prescriptions.amount / nullif(in_question.n, 0) as value,
        prescriptions.amount * in_question.excess_share as risk_gross,
        prescriptions.amount * in_question.excess_share * coalesce(fund_shares.insured_share, 0) as risk_fund
    from in_question
    inner join prescriptions
        on
            prescriptions.org_code = in_question.org_code
            and prescriptions.doctor_code = in_question.doctor_code
            and prescriptions.rx_month = in_question.period_start
    left join {{ ref('int_prescription_fund') }} as fund_shares
        on fund_shares.org_code = prescriptions.org_code and fund_shares.rx_id = prescriptions.rx_id
    where in_question.metric = 'log_avg_amount'
),

evidence as (
    {{ line_evidence('lines_behind', 'rx_item_id', 'line.value', 'line.risk_gross') }}
    union all
    select * from prescriptions_behind
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{ indicator_rows('CH01', '1.0.1', "'doctor_series'", 'with_evidence', limits=true) }}
)

select * from indicator
