-- Grain: one measure of claims or patients and provider, with what its case mix would give at the peers' rates.
-- Rule: a cell's rate leans on that of its diagnosis over all ages, and that one on the kind of care, each with the
-- weight of prior_weight observations. `residual_sq` is the sum of squared distances from what was expected.
-- Windows over cells take the place of joins by six columns, whose size no planner guesses.
with sums as (
    select
        cells.*,
        sum(n) over by_age as age_n,
        sum(total) over by_age as age_total,
        sum(n) over by_diagnosis as diagnosis_n,
        sum(total) over by_diagnosis as diagnosis_total,
        sum(n) over by_kind as kind_n,
        sum(total) over by_kind as kind_total,
        {{ as_double(provider_parameter('prior_weight')) }} as prior_weight
    from {{ ref('peer_provider_cell') }} as cells
    window
        by_kind as (partition by measure_id, cohort, peer_group, kind_key),
        by_diagnosis as (partition by measure_id, cohort, peer_group, kind_key, diagnosis_key),
        by_age as (partition by measure_id, cohort, peer_group, kind_key, diagnosis_key, age_key)
),

diagnosis_rates as (
    select
        sums.*,
        ({{ as_double('diagnosis_total') }} + prior_weight * {{ as_double('kind_total') }} / kind_n)
        / (diagnosis_n + prior_weight) as diagnosis_rate
    from sums
),

rates as (
    select
        diagnosis_rates.*,
        cast(
            ({{ as_double('age_total') }} + prior_weight * diagnosis_rate) / (age_n + prior_weight) as numeric(18, 8)
        ) as rate
    from diagnosis_rates
),

providers as (
    select
        measure_id,
        cohort,
        peer_group,
        org_code,
        cast(sum(n) as integer) as n,
        cast(sum(total) as numeric(18, 6)) as observed,
        cast(sum(n * rate) as numeric(18, 6)) as expected,
        cast(sum(total_sq - 2 * rate * total + n * rate * rate) as numeric(18, 6)) as residual_sq
    from rates
    group by measure_id, cohort, peer_group, org_code
)

select * from providers
