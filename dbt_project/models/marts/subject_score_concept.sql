-- Grain: one doctor, department, hospital, supplier or supplier at a hospital and concept that such can have, also those
-- not computable, with reason.
-- Rule: the concept's strongest measure counts alone, its z at most z_cap, its upper tail corrected for the number of
-- measures (Sidak 1967). The contribution is -log10 (p x concepts computed for the subject), and nothing below zero:
-- whoever is looked at from more sides needs stronger evidence from each (Bonferroni), and less than expected is no
-- evidence of anything. An indicator without enough input at the organisation is not computed.
with measures as (
    select
        measures.*,
        indicators.concept
    from {{ ref('int_subject_measure') }} as measures
    inner join {{ ref('indicator') }} as indicators on measures.indicator_id = indicators.indicator_id
),

subjects as (
    select distinct
        entity_type,
        org_code,
        entity_id
    from measures
),

concepts as (
    select distinct
        measures.entity_type,
        measures.concept,
        indicators.indicator_id
    from measures
    inner join {{ ref('indicator') }} as indicators on measures.concept = indicators.concept
),

runs_in_window as (
    select
        indicator_id,
        org_code,
        coverage_ratio,
        1 + {{ months_between('greatest(first_month, ' ~ subject_window_start() ~ ')', 'last_month') }} as months
    from {{ ref('indicator_coverage') }}
    where last_month >= {{ subject_window_start() }}
),

coverage as (
    select
        indicator_id,
        org_code,
        sum(months * coverage_ratio) / nullif(sum(months), 0) >= {{ subject_parameter('min_coverage') }} as is_covered
    from runs_in_window
    group by indicator_id, org_code
    union all
    select
        indicator_id,
        '*' as org_code,
        sum(months * coverage_ratio) / nullif(sum(months), 0) >= {{ subject_parameter('min_coverage') }} as is_covered
    from runs_in_window
    group by indicator_id
),

-- What is known of each concept of each subject where nothing was computed.
gaps as (
    select
        subjects.entity_type,
        subjects.org_code,
        subjects.entity_id,
        concepts.concept,
        max(case when coverage.is_covered then 1 else 0 end) as has_coverage,
        coalesce(max(measures.n), 0) as n,
        max(case when measures.has_volume then 1 else 0 end) as has_volume
    from subjects
    inner join concepts on subjects.entity_type = concepts.entity_type
    left join coverage
        on
            subjects.org_code = coverage.org_code
            and concepts.indicator_id = coverage.indicator_id
    left join measures
        on
            subjects.entity_type = measures.entity_type
            and subjects.org_code = measures.org_code
            and subjects.entity_id = measures.entity_id
            and concepts.indicator_id = measures.indicator_id
            and coverage.is_covered
    group by subjects.entity_type, subjects.org_code, subjects.entity_id, concepts.concept
),

signals as (
    select
        signals.*,
        indicators.concept
    from {{ ref('int_subject_signal') }} as signals
    inner join {{ ref('indicator') }} as indicators on signals.indicator_id = indicators.indicator_id
    inner join coverage
        on
            signals.org_code = coverage.org_code
            and signals.indicator_id = coverage.indicator_id
    where coverage.is_covered
),

ranked as (
    select
        signals.*,
        count(*) over (partition by entity_type, org_code, entity_id, concept) as measures,
        row_number() over (
            partition by entity_type, org_code, entity_id, concept
            order by z desc, indicator_id, subject_type, form
        ) as place
    from signals
),

capped as (
    select
        ranked.*,
        {{ as_double('least(z, ' ~ subject_parameter('z_cap') ~ ')') }} as capped_z
    from ranked
    where place = 1
),

tailed as (
    select
        capped.*,
        {{ upper_tail_p('capped_z') }} as tail_p
    from capped
),

strongest as (
    select
        tailed.*,
        1.0 - power(1.0 - tail_p, measures) as p_value,
        count(*) over (partition by entity_type, org_code, entity_id) as concepts_computed
    from tailed
),

described as (
    select
        gaps.entity_type,
        gaps.org_code,
        gaps.entity_id,
        gaps.concept,
        labels.label_zh as concept_zh,
        labels.label_en as concept_en,
        strongest.indicator_id,
        strongest.subject_type,
        strongest.form,
        strongest.measures,
        strongest.peer_group,
        strongest.peer_n,
        coalesce(strongest.n, gaps.n) as n,
        strongest.value,
        strongest.expected,
        strongest.z,
        strongest.p_value,
        case
            when strongest.p_value * strongest.concepts_computed >= 1 or strongest.z <= 0 then 0.0
            when strongest.concept is not null
                then -1.0 * ln(strongest.p_value * strongest.concepts_computed) / ln(10.0)
        end as contribution,
        case when strongest.concept is null then 'not_computable' else 'computed' end as state,
        case
            when strongest.concept is not null then null
            when gaps.has_coverage = 0 then 'low_coverage'
            when gaps.n = 0 then 'no_cases'
            when gaps.has_volume = 0 then 'below_volume'
            else 'no_peers'
        end as reason
    from gaps
    left join strongest
        on
            gaps.entity_type = strongest.entity_type
            and gaps.org_code = strongest.org_code
            and gaps.entity_id = strongest.entity_id
            and gaps.concept = strongest.concept
    left join {{ ref('code_label') }} as labels on gaps.concept = labels.code and labels.code_set = 'concept'
),

typed as (
    select
        cast(entity_type as varchar(20)) as entity_type,
        cast(org_code as varchar(12)) as org_code,
        cast(entity_id as varchar(60)) as entity_id,
        cast(concept as varchar(30)) as concept,
        cast(concept_zh as varchar(60)) as concept_zh,
        cast(concept_en as varchar(60)) as concept_en,
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(subject_type as varchar(30)) as subject_type,
        cast(form as varchar(20)) as form,
        cast(measures as integer) as measures,
        cast(peer_group as varchar(60)) as peer_group,
        cast(peer_n as integer) as peer_n,
        cast(n as integer) as n,
        cast(value as numeric(18, 6)) as value,
        cast(expected as numeric(18, 6)) as expected,
        cast(z as numeric(18, 4)) as z,
        cast(p_value as numeric(18, 12)) as p_value,
        cast(contribution as numeric(18, 4)) as contribution,
        cast(state as varchar(20)) as state,
        cast(reason as varchar(20)) as reason
    from described
)

select * from typed
