-- Grain: one claim in the window of its cohort, with what each measure of the provider score reads of it.
-- Rule: a duplicate overlaps an earlier claim of the same person and kind of care at the provider, or repeats its
-- diagnoses within duplicate_days; a readmission follows a stay here within readmission_days; an overlap is a claim
-- that begins strictly inside the person's stay at another provider, and that stay. A doctor works elsewhere who has
-- min_shared_claims at other providers.
with claims as (
    select
        claims.*,
        providers.peer_group
    from {{ ref('fct_claim') }} as claims
    inner join {{ ref('peer_provider') }} as providers
        on
            claims.cohort = providers.cohort
            and claims.org_code = providers.org_code
            and claims.setl_month >= providers.first_month
),

followed as (
    select
        claims.*,
        max(end_date) over (
            partition by cohort, org_code, person_key, is_inpatient
            order by begin_date, mdtrt_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_end,
        lag(begin_date) over (
            partition by cohort, org_code, person_key, is_inpatient, diagnosis_set
            order by begin_date, mdtrt_id
        ) as same_set_begin
    from claims
),

gaps as (
    select
        followed.*,
        {{ days_between('earlier_end', 'begin_date') }} as days_since_earlier,
        {{ days_between('same_set_begin', 'begin_date') }} as days_since_same_set
    from followed
),

stays as (
    select * from claims
    where is_inpatient
),

meetings as (
    select
        stays.org_code as stay_org_code,
        stays.mdtrt_id as stay_mdtrt_id,
        others.org_code,
        others.mdtrt_id
    from stays
    inner join claims as others
        on
            stays.person_key = others.person_key
            and stays.cohort = others.cohort
            and stays.org_code <> others.org_code
            and stays.begin_date < others.begin_date
            and stays.end_date > others.begin_date
),

overlaps_found as (
    select
        org_code,
        mdtrt_id
    from meetings
    union
    select
        stay_org_code,
        stay_mdtrt_id
    from meetings
),

doctor_days as (
    select
        cohort,
        doctor_code,
        begin_date,
        count(*) as claims_of_day
    from claims
    where doctor_code is not null
    group by cohort, doctor_code, begin_date
),

doctor_places as (
    select
        cohort,
        doctor_code,
        org_code,
        sum(count(*)) over (partition by cohort, doctor_code) - count(*) as claims_elsewhere
    from claims
    where doctor_code is not null
    group by cohort, doctor_code, org_code
),

marked as (
    select
        gaps.cohort,
        gaps.peer_group,
        gaps.org_code,
        gaps.mdtrt_id,
        gaps.person_key,
        coalesce(gaps.sex, '') as sex,
        coalesce(gaps.insured_area, '') as insured_area,
        case when gaps.is_inpatient then 'inpatient' else 'outpatient' end as care_kind,
        coalesce(gaps.main_icd3, '') as main_icd3,
        coalesce(
            cast(floor({{ days_between('gaps.birth_date', 'gaps.begin_date') }} / 3652.5) as integer), -1
        ) as age_decade,
        gaps.diagnosis_set,
        gaps.diagnosis_count,
        cast(greatest(gaps.amount, 0) as numeric(18, 2)) as amount,
        case when gaps.is_inpatient then 1 else 0 end as is_admission,
        {{ days_between('gaps.begin_date', 'gaps.end_date') }} as days,
        case
            when gaps.is_inpatient and gaps.days_since_earlier between 0 and {{ provider_parameter('readmission_days') }} then 1
            else 0
        end as is_readmission,
        case
            when gaps.days_since_earlier < case when gaps.is_inpatient then 0 else 1 end then 1
            when gaps.diagnosis_set is null then 0
            when gaps.days_since_same_set <= {{ provider_parameter('duplicate_days') }} then 1
            else 0
        end as is_duplicate,
        case when overlaps_found.mdtrt_id is not null then 1 else 0 end as is_overlap,
        doctor_days.claims_of_day as doctor_claims,
        case
            when gaps.doctor_code is null then null
            when doctor_places.claims_elsewhere >= {{ provider_parameter('min_shared_claims') }} then 1
            else 0
        end as is_doctor_elsewhere
    from gaps
    left join overlaps_found
        on
            gaps.org_code = overlaps_found.org_code
            and gaps.mdtrt_id = overlaps_found.mdtrt_id
    left join doctor_days
        on
            gaps.cohort = doctor_days.cohort
            and gaps.doctor_code = doctor_days.doctor_code
            and gaps.begin_date = doctor_days.begin_date
    left join doctor_places
        on
            gaps.cohort = doctor_places.cohort
            and gaps.doctor_code = doctor_places.doctor_code
            and gaps.org_code = doctor_places.org_code
)

select * from marked
