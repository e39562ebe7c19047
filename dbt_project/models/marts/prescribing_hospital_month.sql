-- Grain: one organisation, month and measure of prescribing.
-- Rule: amount_per_prescription and the shares of key-monitored drugs (without what an indication supports) are the sums
-- over doctors, clinics and wards, one by the other; those of antibacterials are what RX04, RX05 and RX06 hold against the
-- target of the hospital's kind, which is null where none is set. Null where the denominator is 0.
-- Source: peer_prescribing_month, peer_key_share, indicator_result.
with prescribed as (
    select
        org_code,
        rx_month as period_month,
        'amount_per_prescription' as measure,
        sum(n) as n,
        sum(amount) as numerator,
        cast(sum(n) as numeric(18, 2)) as denominator
    from {{ ref('peer_prescribing_month') }}
    where metric = 'log_avg_amount'
    group by org_code, rx_month
),

key_shares as (
    select
        org_code,
        rx_month as period_month,
        case metric when 'dept_key_share' then 'key_share' else 'ward_key_share' end as measure,
        sum(n) as n,
        sum(metric_value * amount) as numerator,
        sum(amount) as denominator
    from {{ ref('peer_key_share') }}
    where metric in ('dept_key_share', 'ward_key_share')
    group by org_code, rx_month, metric
),

summed as (
    select * from prescribed
    union all
    select * from key_shares
),

judged as (
    select
        org_code,
        {{ month_of('period_start') }} as period_month,
        case indicator_id
            when 'RX04' then 'antibacterial_rate'
            when 'RX05' then 'ward_antibacterial_rate'
            else 'antibacterial_density'
        end as measure,
        n,
        value,
        threshold,
        outcome
    from {{ ref('indicator_result') }}
    where subject_type = 'hospital' and indicator_id in ('RX04', 'RX05', 'RX06')
),

measures as (
    select
        org_code,
        period_month,
        measure,
        n,
        numerator / nullif(denominator, 0) as value,
        null as threshold,
        {{ as_text('null') }} as outcome
    from summed
    union all
    select
        org_code,
        period_month,
        measure,
        n,
        value,
        threshold,
        outcome
    from judged
),

labels as (
    select * from {{ ref('code_label') }}
),

typed as (
    select
        cast(measures.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(organisations.org_level_zh as varchar(60)) as org_level_zh,
        cast(organisations.district_name as varchar(60)) as district_name,
        cast(measures.period_month as date) as period_month,
        cast(measures.measure as varchar(40)) as measure,
        cast(coalesce(measure_label.label_zh, measures.measure) as varchar(60)) as measure_zh,
        cast(measures.n as integer) as n,
        cast(measures.value as numeric(18, 4)) as value,
        cast(measures.threshold as numeric(18, 4)) as threshold,
        cast(outcome_label.label_zh as varchar(60)) as outcome_zh
    from measures
    left join {{ ref('organisation') }} as organisations on measures.org_code = organisations.org_code
    left join labels as measure_label
        on
            measures.measure = measure_label.code
            and measure_label.code_set = 'hospital_measure'
    left join labels as outcome_label
        on
            measures.outcome = outcome_label.code
            and outcome_label.code_set = 'outcome'
)

select * from typed
