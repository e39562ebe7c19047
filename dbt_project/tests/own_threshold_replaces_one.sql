-- A threshold of a hospital or district that no rule will read, since the shared rows of this parameter have other
-- qualifiers: '500103' where they say 'general|outpatient', instead of '500103|outpatient'. A parameter without shared
-- rows is one that only hospitals and districts set.
with thresholds as (
    select distinct
        indicator_id,
        param,
        scope,
        split_part(scope, '|', 1) as holder,
        split_part(scope, '|', 2) as detail
    from {{ ref('threshold') }}
),

owners as (
    select org_code as holder from {{ ref('dim_organisation') }}
    union
    select district_code as holder
    from {{ ref('dim_organisation') }}
    where district_code is not null
),

qualifiers as (
    select code from {{ ref('code_label') }}
    where code_set = 'threshold_qualifier'
),

rated as (
    select
        thresholds.indicator_id,
        thresholds.param,
        thresholds.scope,
        owners.holder is not null as is_own,
        case when qualifiers.code is null then thresholds.detail else thresholds.scope end as qualifier
    from thresholds
    left join owners on thresholds.holder = owners.holder
    left join qualifiers on thresholds.holder = qualifiers.code
)

select
    own.indicator_id,
    own.param,
    own.scope
from rated as own
inner join rated as shared
    on
        own.indicator_id = shared.indicator_id
        and own.param = shared.param
        and not shared.is_own
where own.is_own
group by own.indicator_id, own.param, own.scope, own.qualifier
having sum(case when shared.qualifier = own.qualifier then 1 else 0 end) = 0
