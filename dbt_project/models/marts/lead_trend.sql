{{ config(indexes=[{'columns': ['lead_id', 'period_start'], 'unique': true}]) }}

-- Grain: one lead that still fires and one period of its subject, from eleven months before the lead's up to it.
-- Rule: percentile is the share of the others compared that lie below, among those with the same peer group, or all
-- of the indicator where there are none; null where the value stands alone. Where a subject is somebody and one of
-- several measures or products (category measure of its subject type in ref.code_label; the second part of its
-- key), only values of the same one are compared. An event (category event) happens once and has no trend. Periods
-- that were not evaluated have no row, periods without a value one without it.
-- Source: lead, indicator_result.
with labels as (
    select * from {{ ref('code_label') }}
),

leads as (
    select
        lead.lead_id,
        lead.org_code,
        lead.indicator_id,
        lead.subject_type,
        lead.period_start,
        lead.indicator_id || '|' || lead.subject_type || '|' || lead.org_code || '|' || lead.subject_id as series_key
    from {{ ref('lead') }} as lead
    left join labels on lead.subject_type = labels.code and labels.code_set = 'subject_type'
    where lead.is_active and coalesce(labels.category, '') <> 'event'
),

types as (
    select distinct
        leads.indicator_id,
        leads.subject_type,
        labels.category = 'measure' as has_measures
    from leads
    left join labels on leads.subject_type = labels.code and labels.code_set = 'subject_type'
),

results as (
    select
        indicator_result.indicator_id || '|' || indicator_result.subject_type || '|' || indicator_result.org_code
        || '|' || indicator_result.subject_id as series_key,
        indicator_result.period_start,
        indicator_result.period_end,
        indicator_result.outcome,
        indicator_result.value,
        indicator_result.expected,
        indicator_result.limit_lower,
        indicator_result.limit_upper,
        indicator_result.n,
        indicator_result.indicator_id || '|' || indicator_result.subject_type || '|'
        || coalesce(indicator_result.peer_group, '') || '|'
        || case
            when types.has_measures
                then substring(indicator_result.subject_id from position('|' in indicator_result.subject_id) + 1)
            else ''
        end as compared_key
    from {{ ref('indicator_result') }} as indicator_result
    inner join types
        on
            indicator_result.indicator_id = types.indicator_id
            and indicator_result.subject_type = types.subject_type
),

placed as (
    select
        results.*,
        count(value) over (partition by compared_key, period_start) as compared,
        percent_rank() over (partition by compared_key, period_start, value is null order by value) as percentile
    from results
),

trends as (
    select
        leads.lead_id,
        leads.org_code,
        placed.period_start,
        placed.period_end,
        placed.outcome,
        placed.value,
        placed.expected,
        placed.limit_lower,
        placed.limit_upper,
        placed.n,
        placed.compared,
        case when placed.value is not null and placed.compared > 1 then placed.percentile end as percentile,
        placed.period_start = leads.period_start as is_lead_period
    from leads
    inner join placed
        on
            leads.series_key = placed.series_key
            and placed.period_start <= leads.period_start
            and placed.period_start > {{ add_months('leads.period_start', -12) }}
),

typed as (
    select
        cast(trends.lead_id as varchar(32)) as lead_id,
        cast(trends.org_code as varchar(12)) as org_code,
        cast(trends.period_start as date) as period_start,
        cast(trends.period_end as date) as period_end,
        cast(trends.outcome as varchar(20)) as outcome,
        cast(labels.label_zh as varchar(60)) as outcome_zh,
        cast(trends.value as numeric(18, 4)) as value,
        cast(trends.expected as numeric(18, 4)) as expected,
        cast(trends.limit_lower as numeric(18, 4)) as limit_lower,
        cast(trends.limit_upper as numeric(18, 4)) as limit_upper,
        cast(trends.n as integer) as n,
        cast(trends.compared as integer) as compared,
        cast(trends.percentile as numeric(5, 4)) as percentile,
        cast(trends.is_lead_period as boolean) as is_lead_period
    from trends
    left join labels on trends.outcome = labels.code and labels.code_set = 'outcome'
)

select * from typed
