-- Grain: one concept and provider that has a measure of it, by the concept's strongest measure.
-- Rule: z is the deviation over the error and the spread of the peers together, at most z_cap, so that no concept
-- decides alone; p its upper tail: less than expected is no evidence of anything. Where a concept has k measures the
-- smallest p counts as 1 - (1 - p)^k (Sidak 1967): measures of one concept never add up.
with measured as (
    select
        measures.*,
        spreads.peer_n,
        {{ as_double('measures.deviation') }}
        / sqrt({{ as_double('measures.standard_error * measures.standard_error + spreads.tau_sq') }}) as z
    from {{ ref('peer_provider_measure') }} as measures
    inner join {{ ref('peer_provider_spread') }} as spreads
        on
            measures.measure_id = spreads.measure_id
            and measures.cohort = spreads.cohort
            and measures.peer_group = spreads.peer_group
    where measures.standard_error > 0
),

capped as (
    select
        measured.*,
        least(measured.z, {{ as_double(provider_parameter('z_cap')) }}) as capped_z
    from measured
),

tailed as (
    select
        capped.*,
        {{ upper_tail_p('capped_z') }} as tail_p
    from capped
),

ranked as (
    select
        tailed.*,
        count(*) over (partition by cohort, org_code, concept_id) as measures,
        row_number() over (partition by cohort, org_code, concept_id order by z desc, measure_id) as place
    from tailed
),

concepts as (
    select
        cohort,
        org_code,
        concept_id,
        measure_id,
        form,
        peer_group,
        peer_n,
        n,
        observed,
        expected,
        cast(z as numeric(18, 4)) as z,
        cast(1.0 - power(1.0 - tail_p, measures) as numeric(18, 12)) as p_value
    from ranked
    where place = 1
)

select * from concepts
