-- Grain: one organisation, doctor and month with outpatient prescriptions of the general cost group.
-- Rule: RX03. A: a prescription above the hospital's own cap and an outlier of its diagnosis group (only
-- where RX03.local_cap is set). B: the mean amount a prescription is an outlier among the doctor's peers
-- (modified z, false discovery rate held). C: it grew by more than 30 % over the three months before and
-- lies above the peers' third quartile. B and C must hold in two of the last three months; growth counts
-- against the months before it began. Herbs, specialty drugs and long-term prescriptions are kept apart.
-- Source: peers.peer_doctor_score, core.fct_prescription, int_prescription_over_cap.
with scores as (
    select * from {{ ref('peer_doctor_score') }}
    where metric = 'log_avg_amount'
),

over_cap as (
    select
        org_code,
        doctor_code,
        rx_month,
        count(*) as over_cap_prescriptions
    from {{ ref('int_prescription_over_cap') }}
    group by org_code, doctor_code, rx_month
),

prescriptions as (
    select * from {{ ref('fct_prescription') }}
    where rx_kind = 'outpatient' and cost_group = 'general' and not long_term_flag and amount > 0
),

fund_shares as (
    select * from {{ ref('int_prescription_fund') }}
),

-- One row a month and earlier or equal month of the window from which a rise may have begun.
rises as (
    select
        own.org_code,
        own.doctor_code,
        own.rx_month,
        start_month.rx_month as start_month,
        own.metric_value / nullif(start_month.previous_mean, 0) - 1 as growth,
        count(*) as risen_months
    from scores as own
    {{ threshold_join('months', 'ALL', 'persistence_window', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('growth_limit', 'RX03', 'growth', 'own.org_code', 'own.rx_month') }}
    inner join scores as start_month
        on
            start_month.org_code = own.org_code
            and start_month.doctor_code = own.doctor_code
            and start_month.rx_month <= own.rx_month
            and start_month.rx_month > {{ add_months('own.rx_month', '-1 * cast(months.value as integer)') }}
            and start_month.previous_months = 3
    inner join scores as risen
        on
            risen.org_code = own.org_code
            and risen.doctor_code = own.doctor_code
            and risen.rx_month between start_month.rx_month and own.rx_month
            and risen.has_volume
            and risen.metric_value > start_month.previous_mean * (1 + growth_limit.value)
            and risen.x > risen.q3
    where own.has_volume and own.metric_value > start_month.previous_mean * (1 + growth_limit.value) and own.x > own.q3
    group by own.org_code, own.doctor_code, own.rx_month, start_month.rx_month, own.metric_value, start_month.previous_mean
),

growths as (
    select
        org_code,
        doctor_code,
        rx_month,
        max(growth) as growth,
        max(risen_months) as risen_months
    from rises
    group by org_code, doctor_code, rx_month
),

judged as (
    select
        scores.*,
        growths.growth,
        case
            when over_cap.over_cap_prescriptions > 0 then 'fired'
            when not scores.has_volume and local_cap.value is null then 'local_cap_missing'
            when not scores.has_volume then 'clear'
            when scores.peer_group is null then 'no_peer_group'
            when not scores.is_outlier and growths.growth is null then 'clear'
            when scores.is_outlier and scores.outlier_months >= persistence.value and scores.q_value <= fdr.value
                then 'fired'
            when growths.risen_months >= persistence.value then 'fired'
            when scores.is_outlier and scores.outlier_months >= persistence.value then 'false_discovery'
            else 'not_persistent'
        end as verdict
    from scores
    left join over_cap
        on
            over_cap.org_code = scores.org_code
            and over_cap.doctor_code = scores.doctor_code
            and over_cap.rx_month = scores.rx_month
    left join growths
        on
            growths.org_code = scores.org_code
            and growths.doctor_code = scores.doctor_code
            and growths.rx_month = scores.rx_month
    {{ threshold_join('local_cap', 'RX03', 'local_cap', 'scores.org_code', 'scores.rx_month') }}
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'scores.org_code', 'scores.rx_month') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'scores.org_code', 'scores.rx_month') }}
),

outcomes as (
    select
        judged.*,
        doctor_code as subject_id,
        rx_month as period_start,
        {{ add_days(add_months('rx_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['local_cap_missing', 'no_peer_group']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        z_limit as threshold
    from judged
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'his_rx' as source_table,
        prescriptions.rx_id as row_key,
        prescriptions.amount / nullif(outcomes.n, 0) as value,
        prescriptions.amount * greatest(1 - outcomes.expected / nullif(outcomes.metric_value, 0), 0) as risk_gross,
        prescriptions.amount * greatest(1 - outcomes.expected / nullif(outcomes.metric_value, 0), 0)
        * coalesce(fund_shares.insured_share, 0) as risk_fund
    from outcomes
    inner join prescriptions
        on
            prescriptions.org_code = outcomes.org_code
            and prescriptions.doctor_code = outcomes.doctor_code
            and prescriptions.rx_month = outcomes.rx_month
    left join fund_shares
        on fund_shares.org_code = prescriptions.org_code and fund_shares.rx_id = prescriptions.rx_id
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'RX03', '1.0.0', "'doctor'", 'with_evidence', value='metric_value', deviation='z_score',
        )
    }}
)

select * from indicator
