-- Grain: one measure and provider with any observation, and how far it lies from its peers by chance alone.
-- Rule: counts deviate by sqrt((O + 3/8) / (E + 3/8)) - 1 with the error 1 / (2 sqrt(E + 3/8)) (Anscombe 1948, the
-- square root of the standardised ratio in funnel plots); means by their distance from the expected mean with the
-- error of n observations, whose variance is pooled over the peer group. Fewer than min_n observations: no error.
with measures as (
    select * from {{ ref('provider_measure') }}
),

providers as (
    select * from {{ ref('peer_provider') }}
),

found as (
    select
        measure_id,
        cohort,
        org_code,
        n,
        observed,
        expected,
        residual_sq
    from {{ ref('peer_provider_expected') }}
    union all
    select
        'identical_set' as measure_id,
        cohort,
        org_code,
        n,
        observed,
        expected,
        null as residual_sq
    from {{ ref('peer_identical_set') }}
    union all
    select
        'shared_patient' as measure_id,
        cohort,
        org_code,
        n,
        observed,
        expected,
        null as residual_sq
    from {{ ref('peer_shared_patient') }}
),

placed as (
    select
        found.*,
        measures.concept_id,
        measures.form,
        providers.peer_group,
        providers.has_volume and found.n >= measures.min_n as has_volume
    from found
    inner join measures on found.measure_id = measures.measure_id
    inner join providers
        on
            found.cohort = providers.cohort
            and found.org_code = providers.org_code
),

variances as (
    select
        measure_id,
        cohort,
        peer_group,
        {{ as_double('sum(residual_sq)') }} / sum(n) as variance
    from placed
    where form <> 'count'
    group by measure_id, cohort, peer_group
),

deviations as (
    select
        placed.*,
        case
            when placed.form = 'count'
                then sqrt({{ as_double('placed.observed + 0.375') }} / {{ as_double('placed.expected + 0.375') }}) - 1.0
            else {{ as_double('placed.observed - placed.expected') }} / placed.n
        end as deviation,
        case
            when not placed.has_volume then null
            when placed.form = 'count' then 0.5 / sqrt({{ as_double('placed.expected + 0.375') }})
            when variances.variance > 0 then sqrt(variances.variance / placed.n)
        end as standard_error
    from placed
    left join variances
        on
            placed.measure_id = variances.measure_id
            and placed.cohort = variances.cohort
            and placed.peer_group = variances.peer_group
),

typed as (
    select
        measure_id,
        concept_id,
        form,
        cohort,
        peer_group,
        org_code,
        n,
        observed,
        expected,
        cast(deviation as numeric(18, 8)) as deviation,
        cast(standard_error as numeric(18, 8)) as standard_error
    from deviations
)

select * from typed
