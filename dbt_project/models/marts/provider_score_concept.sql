-- Grain: one provider and concept of the provider score, also those that could not be computed, each with its reason.
-- Rule: value and expected are in the measure's unit: events, or the mean of an observation (a geometric one where
-- amounts and counts are skewed). The contribution is -log10 p, the evidence that the concept adds.
with providers as (
    select * from {{ ref('peer_provider') }}
),

measures as (
    select
        *,
        row_number() over (partition by concept_id order by measure_id) as place
    from {{ ref('provider_measure') }}
),

concepts as (
    select
        concept_id,
        concept_zh,
        concept_en,
        measure_id
    from measures
    where place = 1
),

scores as (
    select * from {{ ref('peer_provider_score') }}
),

-- Observations of the concept's measure with most of them, where no score came of it.
observed as (
    select
        cohort,
        org_code,
        concept_id,
        max(n) as n,
        max(case when standard_error > 0 then 1 else 0 end) as has_error
    from {{ ref('peer_provider_measure') }}
    group by cohort, org_code, concept_id
),

joined as (
    select
        providers.cohort,
        providers.org_code,
        providers.has_volume,
        concepts.concept_id,
        concepts.concept_zh,
        concepts.concept_en,
        coalesce(scores.measure_id, concepts.measure_id) as measure_id,
        providers.peer_group,
        providers.peer_group_zh,
        scores.peer_n,
        coalesce(scores.n, observed.n, 0) as n,
        observed.has_error,
        scores.form,
        scores.observed,
        scores.expected,
        scores.z,
        scores.p_value
    from providers
    cross join concepts
    left join scores
        on
            providers.cohort = scores.cohort
            and providers.org_code = scores.org_code
            and concepts.concept_id = scores.concept_id
    left join observed
        on
            providers.cohort = observed.cohort
            and providers.org_code = observed.org_code
            and concepts.concept_id = observed.concept_id
),

described as (
    select
        joined.cohort,
        joined.org_code,
        joined.concept_id,
        joined.concept_zh,
        joined.concept_en,
        joined.measure_id,
        measures.measure_zh,
        measures.measure_en,
        measures.unit,
        measures.basis,
        joined.peer_group,
        cast(joined.peer_group_zh as varchar(60)) as peer_group_zh,
        joined.peer_n,
        cast(joined.n as integer) as n,
        cast({{ observation_unit('joined.observed') }} as numeric(18, 4)) as value,
        cast({{ observation_unit('joined.expected') }} as numeric(18, 4)) as expected,
        joined.z,
        joined.p_value,
        cast(-1.0 * ln({{ as_double('joined.p_value') }}) / ln(10.0) as numeric(18, 4)) as contribution,
        case when joined.p_value is not null then 'computed' else 'not_computable' end as state,
        case
            when joined.p_value is not null then null
            when not joined.has_volume then 'below_volume'
            when joined.n = 0 then 'no_cases'
            when coalesce(joined.has_error, 0) = 0 then 'below_volume'
            else 'no_peers'
        end as reason
    from joined
    inner join measures on joined.measure_id = measures.measure_id
)

select * from described
