-- Grain: one indicator, version of its rule and threshold: what the leads of that version were held against.
-- Source: int_rule_version for the versions that hold for some organisation at some time, ref.threshold for where the
-- value comes from and who checked it.
with versions as (
    select * from {{ ref('int_rule_version') }}
),

rule_thresholds as (
    select * from {{ ref('int_rule_threshold') }}
),

thresholds as (
    select * from {{ ref('threshold') }}
),

used as (
    select distinct
        versions.indicator_id,
        versions.rule_version,
        rule_thresholds.threshold_of,
        rule_thresholds.param,
        rule_thresholds.qualifier,
        rule_thresholds.scope,
        rule_thresholds.set_on
    from versions
    inner join rule_thresholds
        on
            versions.indicator_id = rule_thresholds.indicator_id
            and versions.org_code = rule_thresholds.org_code
            and versions.valid_from = rule_thresholds.valid_from
),

sourced as (
    select
        cast(used.indicator_id as varchar(10)) as indicator_id,
        cast(used.rule_version as varchar(20)) as rule_version,
        cast(used.threshold_of as varchar(10)) as threshold_of,
        cast(used.param as varchar(40)) as param,
        cast(used.qualifier as varchar(60)) as qualifier,
        cast(used.scope as varchar(60)) as scope,
        cast(thresholds.value as numeric(18, 4)) as value,
        cast(thresholds.unit as varchar(20)) as unit,
        cast(thresholds.valid_from as date) as valid_from,
        cast(thresholds.valid_to as date) as valid_to,
        cast(thresholds.legal_force as boolean) as legal_force,
        cast(thresholds.source as varchar(200)) as source,
        cast(thresholds.verified_by as varchar(40)) as verified_by,
        cast(thresholds.verified_on as date) as verified_on
    from used
    inner join thresholds
        on
            used.threshold_of = thresholds.indicator_id
            and used.param = thresholds.param
            and used.scope = thresholds.scope
            and used.set_on = thresholds.valid_from
)

select * from sourced
