-- Grain: one provider of one cohort (the insurer's source), also those below the volume gate, with both rankings.
-- Rule: the score combines the concepts' p-values by Fisher's method, as -log10 of the combined p: 0 is no evidence,
-- a typical provider of any size has some 0.3. Priority is the fund's money times the probability that the provider
-- deviates (Sellke, Bayarri, Berger 2001), from prior_probability where nothing speaks against it.
with providers as (
    select * from {{ ref('peer_provider') }}
),

concepts as (
    select * from {{ ref('provider_score_concept') }}
),

sums as (
    select
        cohort,
        org_code,
        count(p_value) as concepts_computed,
        coalesce(sum(cast(-1.0 * ln({{ as_double('p_value') }}) as numeric(18, 8))), 0) as total,
        max(case when p_value is not null then peer_n end) as peer_n
    from concepts
    group by cohort, org_code
),

named as (
    select
        cohort,
        org_code,
        concept_zh || ' ' || {{ as_plain_number('round(value, 2)') }} || '（预期 '
        || {{ as_plain_number('round(expected, 2)') }} || '，z=' || {{ as_plain_number('round(z, 1)') }} || '）' as text_zh,
        concept_en || ' ' || {{ as_plain_number('round(value, 2)') }} || ' (expected '
        || {{ as_plain_number('round(expected, 2)') }} || ', z=' || {{ as_plain_number('round(z, 1)') }} || ')' as text_en,
        row_number() over (partition by cohort, org_code order by p_value, z desc, concept_id) as place
    from concepts
    where z >= {{ provider_parameter('reason_z') }}
),

-- Numbered by weight, since a list is sorted as text.
numbered as (
    select
        cohort,
        org_code,
        right('0' || {{ as_text('place') }}, 2) || '. ' || text_zh as text_zh,
        right('0' || {{ as_text('place') }}, 2) || '. ' || text_en as text_en
    from named
),

reasons as (
    select
        cohort,
        org_code,
        count(*) as reason_count,
        {{ text_list('text_zh') }} as reasons_zh,
        {{ text_list('text_en') }} as reasons_en
    from numbered
    group by cohort, org_code
),

combined as (
    select
        cohort,
        org_code,
        concepts_computed,
        peer_n,
        cast({{ fisher_evidence(as_double('total'), 'concepts_computed', 12) }} as numeric(18, 6)) as score
    from sums
),

weighed as (
    select
        combined.*,
        {{ probability_from_p(
            'exp(' ~ as_double('-1.0 * score') ~ ' * ln(10.0))', as_double(provider_parameter('prior_probability'))
        ) }} as probability
    from combined
),

priced as (
    select
        providers.cohort,
        providers.org_code,
        providers.org_name,
        providers.peer_group,
        cast(providers.peer_group_zh as varchar(60)) as peer_group_zh,
        weighed.peer_n,
        providers.period_start,
        providers.period_end,
        providers.claims,
        providers.persons,
        providers.stays,
        providers.amount,
        providers.fund_amount,
        cast(weighed.concepts_computed as integer) as concepts_computed,
        cast(coalesce(reasons.reason_count, 0) as integer) as concepts_deviating,
        cast(weighed.score as numeric(18, 4)) as score,
        weighed.score as exact_score,
        cast(weighed.probability as numeric(18, 6)) as probability,
        cast(providers.fund_amount * cast(weighed.probability as numeric(18, 6)) as numeric(18, 2)) as priority_amount,
        reasons.reasons_zh,
        reasons.reasons_en,
        case when weighed.concepts_computed > 0 then 'ranked' else 'not_computable' end as state,
        case
            when weighed.concepts_computed > 0 then null
            when not providers.has_volume then 'below_volume'
            else 'no_peers'
        end as reason
    from providers
    inner join weighed
        on
            providers.cohort = weighed.cohort
            and providers.org_code = weighed.org_code
    left join reasons
        on
            providers.cohort = reasons.cohort
            and providers.org_code = reasons.org_code
),

ranked as (
    select
        cohort,
        org_code,
        org_name,
        peer_group,
        peer_group_zh,
        peer_n,
        period_start,
        period_end,
        claims,
        persons,
        stays,
        amount,
        fund_amount,
        concepts_computed,
        concepts_deviating,
        score,
        cast(row_number() over (partition by cohort order by exact_score desc, org_code) as integer) as score_rank,
        probability,
        priority_amount,
        cast(row_number() over (partition by cohort order by priority_amount desc, org_code) as integer) as priority_rank,
        state,
        reason,
        reasons_zh,
        reasons_en
    from priced
)

select * from ranked
