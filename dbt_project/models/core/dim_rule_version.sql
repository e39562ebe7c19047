-- Grain: one version of a rule set with the days on which it is in force.
-- Rule: a version holds from its publication until the day before the next one of its set.
-- Source: the rule library.
with versions as (
    select * from {{ ref('stg_reference__rule_version') }}
),

next_versions as (
    select
        versions.*,
        lead(published_on) over (partition by org_code, rule_set order by published_on, version) as next_published_on
    from versions
),

periods as (
    select
        org_code,
        rule_set,
        version,
        source_doc,
        published_on as valid_from,
        case
            when next_published_on is null then cast('9999-12-31' as date)
            else {{ add_days('next_published_on', -1) }}
        end as valid_to,
        batch_id
    from next_versions
)

select * from periods
