-- Grain: one provider whose patients were also seen elsewhere; pairs of them who share one other provider.
-- Rule: expected is the chance that two patients of the provider, insured in one area, went to the same other
-- provider if each had chosen as that area's patients do. Neighbours and large hospitals are thus no finding.
with visits as (
    select distinct
        cohort,
        org_code,
        insured_area,
        person_key
    from {{ ref('peer_claim') }}
),

partners as (
    select
        own.cohort,
        own.org_code,
        own.insured_area,
        others.org_code as partner_org_code,
        count(*) as shared
    from visits as own
    inner join visits as others
        on
            own.person_key = others.person_key
            and own.cohort = others.cohort
            and own.insured_area = others.insured_area
            and own.org_code <> others.org_code
    group by own.cohort, own.org_code, own.insured_area, others.org_code
),

shared as (
    select
        cohort,
        org_code,
        insured_area,
        sum(shared) as shared,
        sum({{ pairs_of('shared') }}) as matches
    from partners
    group by cohort, org_code, insured_area
),

provider_areas as (
    select
        cohort,
        insured_area,
        org_code,
        count(*) as n
    from visits
    group by cohort, insured_area, org_code
),

-- Beside each provider's patients stand all of its area.
areas as (
    select
        cohort,
        insured_area,
        org_code,
        n,
        {{ pairs_of('n') }} as pairs,
        sum(n) over (partition by cohort, insured_area) as area_n,
        sum({{ pairs_of('n') }}) over (partition by cohort, insured_area) as area_pairs
    from provider_areas
),

chances as (
    select
        shared.cohort,
        shared.org_code,
        shared.shared,
        shared.matches,
        case
            when areas.area_n - areas.n > 1
                then
                    {{ as_double('areas.area_pairs - areas.pairs') }}
                    / {{ as_double(pairs_of('(areas.area_n - areas.n)')) }}
            else 0.0
        end as chance
    from shared
    -- One key of one column: by three, PostgreSQL would compare each provider with all of its area.
    inner join areas
        on
            shared.cohort || '|' || shared.org_code || '|' || shared.insured_area
            = areas.cohort || '|' || areas.org_code || '|' || areas.insured_area
),

providers as (
    select
        chances.cohort,
        chances.org_code,
        cast(sum(chances.shared) as integer) as n,
        cast(sum(chances.matches) as numeric(18, 6)) as observed,
        cast(
            sum(cast({{ pairs_of('chances.shared') }} * chances.chance as numeric(18, 8))) as numeric(18, 6)
        ) as expected
    from chances
    group by chances.cohort, chances.org_code
)

select * from providers
