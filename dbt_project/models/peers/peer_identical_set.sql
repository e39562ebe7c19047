-- Grain: one provider with claims of min_set_diagnoses diagnoses; pairs of patients with the very same ones.
-- Rule: expected is what patients of the same main diagnosis share when they are of two different providers of the
-- peer group; a diagnosis with few such pairs leans on the rate of all, with the weight of one match.
with patients as (
    select distinct
        cohort,
        peer_group,
        org_code,
        main_icd3,
        diagnosis_set,
        person_key
    from {{ ref('peer_claim') }}
    where diagnosis_count >= {{ provider_parameter('min_set_diagnoses') }}
),

own_sets as (
    select
        cohort,
        peer_group,
        org_code,
        main_icd3,
        diagnosis_set,
        count(*) as n
    from patients
    group by cohort, peer_group, org_code, main_icd3, diagnosis_set
),

own_diagnoses as (
    select
        cohort,
        peer_group,
        org_code,
        main_icd3,
        sum(n) as n,
        sum({{ pairs_of('n') }}) as matches
    from own_sets
    group by cohort, peer_group, org_code, main_icd3
),

all_sets as (
    select
        cohort,
        peer_group,
        main_icd3,
        diagnosis_set,
        sum(n) as n
    from own_sets
    group by cohort, peer_group, main_icd3, diagnosis_set
),

set_matches as (
    select
        cohort,
        peer_group,
        main_icd3,
        sum(n) as n,
        sum({{ pairs_of('n') }}) as matches
    from all_sets
    group by cohort, peer_group, main_icd3
),

within_providers as (
    select
        cohort,
        peer_group,
        main_icd3,
        sum({{ pairs_of('n') }}) as pairs,
        sum(matches) as matches
    from own_diagnoses
    group by cohort, peer_group, main_icd3
),

between_providers as (
    select
        set_matches.cohort,
        set_matches.peer_group,
        set_matches.main_icd3,
        {{ as_double('set_matches.matches - within_providers.matches') }} as matches,
        {{ as_double(pairs_of('set_matches.n') ~ ' - within_providers.pairs') }} as pairs
    from set_matches
    inner join within_providers
        on
            set_matches.cohort = within_providers.cohort
            and set_matches.peer_group = within_providers.peer_group
            and set_matches.main_icd3 = within_providers.main_icd3
),

overall as (
    select
        cohort,
        peer_group,
        sum(matches) as matches,
        sum(pairs) as pairs
    from between_providers
    group by cohort, peer_group
),

rates as (
    select
        between_providers.cohort,
        between_providers.peer_group,
        between_providers.main_icd3,
        case
            when overall.matches > 0
                then
                    (between_providers.matches + 1.0)
                    / (between_providers.pairs + overall.pairs / overall.matches)
            else 0.0
        end as rate
    from between_providers
    inner join overall
        on
            between_providers.cohort = overall.cohort
            and between_providers.peer_group = overall.peer_group
),

providers as (
    select
        own_diagnoses.cohort,
        own_diagnoses.peer_group,
        own_diagnoses.org_code,
        cast(sum(own_diagnoses.n) as integer) as n,
        cast(sum(own_diagnoses.matches) as numeric(18, 6)) as observed,
        cast(
            sum(cast({{ pairs_of('own_diagnoses.n') }} * rates.rate as numeric(18, 8))) as numeric(18, 6)
        ) as expected
    from own_diagnoses
    inner join rates
        on
            own_diagnoses.cohort = rates.cohort
            and own_diagnoses.peer_group = rates.peer_group
            and own_diagnoses.main_icd3 = rates.main_icd3
    group by own_diagnoses.cohort, own_diagnoses.peer_group, own_diagnoses.org_code
)

select * from providers
