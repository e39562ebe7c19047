-- Grain: one organisation, month and doctor with ordinary outpatient prescriptions (doctor), and one for each measure of
-- the others (doctor_series: herbs, groups of specialty drugs, long-term prescriptions; macro amount_metric).
-- Rule: RX03. A: a prescription above the hospital's own cap and an outlier of its diagnosis group (only
-- where RX03.local_cap is set). B: the mean amount a prescription is an outlier among the doctor's peers
-- (modified z, false discovery rate held). C: it grew by more than 30 % over the three months before and
-- lies above the peers' third quartile. B and C must hold in two of the last three months; growth counts
-- against the months before it began. Each measure has peers and a floor of its own, and long-term prescriptions
-- are compared by the amount a day. A doctor whom only doctors of other departments (rung 4) can be compared with
-- is guarded: a specialist clinic is no general one. Emergency, paediatric, controlled and discharge prescriptions are not
-- judged.
-- Source: peers.peer_prescribing_score, core.fct_prescription, int_prescription_over_cap.
with scores as (
    select * from {{ ref('peer_prescribing_score') }}
    where metric like 'log%'
),

over_cap as (
    select * from {{ ref('int_prescription_over_cap') }}
),

over_cap_counts as (
    select
        org_code,
        doctor_code,
        rx_month,
        metric,
        count(*) as over_cap_prescriptions
    from over_cap
    group by org_code, doctor_code, rx_month, metric
),

prescriptions as (
    select
        fct_prescription.*,
        {{ amount_metric('fct_prescription') }} as metric
    from {{ ref('fct_prescription') }} as fct_prescription
    where {{ amount_metric('fct_prescription') }} is not null and {{ compared_amount('fct_prescription') }} > 0
),

fund_shares as (
    select * from {{ ref('int_prescription_fund') }}
),

-- One row a month and earlier or equal month of the window from which a rise may have begun. Growth asks for the
-- ordinary floor of every measure: the mean of twenty prescriptions moves by a third by chance.
rises as (
    select
        own.org_code,
        own.doctor_code,
        own.rx_month,
        own.metric,
        start_month.rx_month as start_month,
        own.metric_value / nullif(start_month.previous_mean, 0) - 1 as growth,
        count(*) as risen_months
    from scores as own
    {{ threshold_join('months', 'ALL', 'persistence_window', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('growth_limit', 'RX03', 'growth', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('min_rx', 'ALL', 'min_rx_doctor_month', 'own.org_code', 'own.rx_month') }}
    inner join scores as start_month
        on
            start_month.metric = own.metric
            and start_month.org_code = own.org_code
            and start_month.doctor_code = own.doctor_code
            and start_month.rx_month <= own.rx_month
            and start_month.rx_month > {{ add_months('own.rx_month', '-1 * cast(months.value as integer)') }}
            and start_month.previous_months = 3
    inner join scores as risen
        on
            risen.metric = own.metric
            and risen.org_code = own.org_code
            and risen.doctor_code = own.doctor_code
            and risen.rx_month between start_month.rx_month and own.rx_month
            and risen.n >= min_rx.value
            and risen.metric_value > start_month.previous_mean * (1 + growth_limit.value)
            and risen.x > risen.q3
    where
        own.n >= min_rx.value
        and own.metric_value > start_month.previous_mean * (1 + growth_limit.value)
        and own.x > own.q3
    group by
        own.org_code, own.doctor_code, own.rx_month, own.metric, start_month.rx_month, own.metric_value,
        start_month.previous_mean
),

growths as (
    select
        org_code,
        doctor_code,
        rx_month,
        metric,
        max(growth) as growth,
        max(risen_months) as risen_months
    from rises
    group by org_code, doctor_code, rx_month, metric
),

compared as (
    select
        scores.*,
        growths.growth,
        case
            when not scores.has_volume then 'unknown'
            when scores.peer_group is null then 'no_peer_group'
            when not scores.is_outlier and growths.growth is null then 'clear'
            when scores.rung = 4 then 'other_departments'
            when scores.is_outlier and scores.outlier_months >= persistence.value and scores.q_value <= fdr.value
                then 'fired'
            when growths.risen_months >= persistence.value then 'fired'
            when scores.is_outlier and scores.outlier_months >= persistence.value then 'false_discovery'
            else 'not_persistent'
        end as mean_verdict
    from scores
    left join growths
        on
            growths.metric = scores.metric
            and growths.org_code = scores.org_code
            and growths.doctor_code = scores.doctor_code
            and growths.rx_month = scores.rx_month
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'scores.org_code', 'scores.rx_month') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'scores.org_code', 'scores.rx_month') }}
),

judged as (
    select
        compared.*,
        case
            when over_cap_counts.over_cap_prescriptions > 0 then 'fired'
            when compared.mean_verdict = 'unknown' and local_cap.value is null then 'local_cap_missing'
            when compared.mean_verdict = 'unknown' then 'clear'
            else compared.mean_verdict
        end as verdict
    from compared
    left join over_cap_counts
        on
            over_cap_counts.metric = compared.metric
            and over_cap_counts.org_code = compared.org_code
            and over_cap_counts.doctor_code = compared.doctor_code
            and over_cap_counts.rx_month = compared.rx_month
    {{
        threshold_join(
            'local_cap', 'RX03', 'local_cap', 'compared.org_code', 'compared.rx_month',
            qualifier_sql="case when compared.metric = 'log_avg_amount' then '' else compared.metric end",
        )
    }}
),

outcomes as (
    select
        judged.*,
        case when metric = 'log_avg_amount' then 'doctor' else 'doctor_series' end as subject_type,
        case when metric = 'log_avg_amount' then doctor_code else doctor_code || '|' || metric end as subject_id,
        rx_month as period_start,
        {{ add_days(add_months('rx_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['local_cap_missing', 'no_peer_group']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        z_limit as threshold
    from judged
),

-- The share of each prescription that lies above the peers; where only single ones are above the cap, what lies
-- above the median of their own group.
prescriptions_behind as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        prescriptions.rx_id,
        outcomes.metric_value * prescriptions.amount / nullif(sum(prescriptions.amount) over subject, 0) as value,
        case
            when outcomes.verdict = 'fired' and outcomes.mean_verdict <> 'fired' then coalesce(over_cap.excess, 0)
            else
                greatest(
                    prescriptions.amount * (1 - outcomes.expected / nullif(outcomes.metric_value, 0)),
                    coalesce(over_cap.excess, 0)
                )
        end as risk_gross
    from outcomes
    inner join prescriptions
        on
            prescriptions.org_code = outcomes.org_code
            and prescriptions.doctor_code = outcomes.doctor_code
            and prescriptions.rx_month = outcomes.rx_month
            and prescriptions.metric = outcomes.metric
    left join over_cap
        on over_cap.org_code = prescriptions.org_code and over_cap.rx_id = prescriptions.rx_id
    where outcomes.outcome in ('fired', 'guarded')
    window subject as (partition by outcomes.org_code, outcomes.subject_id, outcomes.period_start)
),

evidence as (
    select
        prescriptions_behind.org_code,
        prescriptions_behind.subject_type,
        prescriptions_behind.subject_id,
        prescriptions_behind.period_start,
        prescriptions_behind.outcome,
        'his_rx' as source_table,
        prescriptions_behind.rx_id as row_key,
        prescriptions_behind.value,
        prescriptions_behind.risk_gross,
        prescriptions_behind.risk_gross * coalesce(fund_shares.insured_share, 0) as risk_fund
    from prescriptions_behind
    left join fund_shares
        on fund_shares.org_code = prescriptions_behind.org_code and fund_shares.rx_id = prescriptions_behind.rx_id
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'RX03', '1.1.0', 'subject_type', 'with_evidence', value='metric_value', deviation='z_score',
            limits=true,
        )
    }}
)

select * from indicator
