-- Grain: one measure and peer group with at least min_peers providers, and how much these differ beyond chance.
-- Rule: tau squared is the method-of-moments variance between providers after winsorising z at its first and last
-- decile (Spiegelhalter 2005, the additive model): what differs between all of them is no finding on one of them, and
-- the outliers sought must not widen the limits. The deciles stand here, since Spark takes no other than constants.
with deviations as (
    select
        *,
        deviation / standard_error as z,
        1.0 / (standard_error * standard_error) as weight
    from {{ ref('peer_provider_measure') }}
    where standard_error > 0
),

fences as (
    select
        measure_id,
        cohort,
        peer_group,
        count(*) as peer_n,
        percentile_cont(0.1) within group (order by z) as low,
        percentile_cont(0.9) within group (order by z) as high
    from deviations
    group by measure_id, cohort, peer_group
    having count(*) >= {{ provider_parameter('min_peers') }}
),

moments as (
    select
        deviations.measure_id,
        deviations.cohort,
        deviations.peer_group,
        max(fences.peer_n) as peer_n,
        sum(
            cast(power(least(greatest(deviations.z, fences.low), fences.high), 2) as numeric(18, 6))
        ) as total_z_sq,
        sum(deviations.weight) as total_weight,
        sum(deviations.weight * deviations.weight) / sum(deviations.weight) as mean_weight
    from deviations
    inner join fences
        on
            deviations.measure_id = fences.measure_id
            and deviations.cohort = fences.cohort
            and deviations.peer_group = fences.peer_group
    group by deviations.measure_id, deviations.cohort, deviations.peer_group
),

spreads as (
    select
        measure_id,
        cohort,
        peer_group,
        cast(peer_n as integer) as peer_n,
        cast(
            case
                when total_weight > mean_weight
                    then greatest((total_z_sq - (peer_n - 1)) / (total_weight - mean_weight), 0)
                else 0
            end as numeric(18, 8)
        ) as tau_sq
    from moments
)

select * from spreads
