{{ config(indexes=[{'columns': ['indicator_id', 'param', 'qualifier', 'org_code', 'valid_from'], 'unique': true}]) }}

-- Grain: one organisation, threshold (indicator, parameter), qualifier and stretch of time: the value that holds.
-- Rule: a hospital's own row goes before that of its district, its type, its level (code or group) and the general
-- one. District before type and level: what the authority there sets holds for its hospitals whatever they are, and
-- what it sets for one type only is written hospital by hospital.
-- Nothing changes between two dates on which some threshold begins or ends; a later row supersedes an earlier one.
-- A scope that is a qualifier (ref.code_label) holds for all with this qualifier: 'yellow' for everybody with
-- qualifier yellow, 'general|outpatient' for general hospitals with outpatient. A scope that is neither that nor
-- names anybody holds for nobody, and the test threshold_scope_is_known says so.
with thresholds as (
    select
        indicator_id,
        param,
        scope,
        split_part(scope, '|', 1) as holder,
        split_part(scope, '|', 2) as detail,
        value,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('threshold') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

qualifiers as (
    select code from {{ ref('code_label') }}
    where code_set = 'threshold_qualifier'
),

named as (
    select
        thresholds.*,
        qualifiers.code is not null as is_qualifier
    from thresholds
    left join qualifiers on thresholds.holder = qualifiers.code
),

changes as (
    select valid_from as changed_on from thresholds
    union
    select {{ add_days('valid_to', 1) }} as changed_on
    from thresholds
    where valid_to < date '9999-12-31'
),

stretches as (
    select
        changed_on as valid_from,
        coalesce({{ add_days('lead(changed_on) over (order by changed_on)', -1) }}, date '9999-12-31') as valid_to
    from changes
),

matched as (
    select
        organisations.org_code,
        stretches.valid_from,
        stretches.valid_to,
        named.indicator_id,
        named.param,
        named.scope,
        named.value,
        named.valid_from as set_on,
        named.detail,
        case
            when named.holder = organisations.org_code then 1
            when named.holder = organisations.district_code then 2
            when named.holder = organisations.org_type then 3
            when named.holder = organisations.org_level then 4
            when named.holder = organisations.level_group then 5
            when named.holder = '*' then 6
            when named.is_qualifier then 7
        end as precedence
    from organisations
    cross join named
    inner join stretches
        on
            stretches.valid_from >= named.valid_from
            and stretches.valid_to <= named.valid_to
),

qualified as (
    select
        org_code,
        valid_from,
        valid_to,
        indicator_id,
        param,
        case when precedence = 7 then scope else detail end as qualifier,
        scope,
        value,
        set_on,
        precedence
    from matched
    where precedence is not null
),

ranked as (
    select
        qualified.*,
        row_number() over (
            partition by org_code, valid_from, indicator_id, param, qualifier
            order by precedence, set_on desc
        ) = 1 as is_chosen
    from qualified
),

chosen as (
    select
        org_code,
        indicator_id,
        param,
        qualifier,
        valid_from,
        valid_to,
        scope,
        value,
        set_on
    from ranked
    where is_chosen
)

select * from chosen
