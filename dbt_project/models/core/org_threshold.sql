{{ config(indexes=[{'columns': ['indicator_id', 'param', 'qualifier', 'org_code', 'valid_from'], 'unique': true}]) }}

-- Grain: one organisation, threshold (indicator, parameter), qualifier and stretch of time: the value that holds.
-- Rule: a hospital's own row goes before that of its type, its level (code or group) and the general one. Nothing
-- changes between two dates on which some threshold begins or ends. A scope that names nobody is the qualifier
-- itself: 'yellow' holds for all with qualifier yellow, 'general|outpatient' for general hospitals with outpatient.
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

-- Whom a scope can name: hospitals, types, levels and level groups.
holders as (
    select org_code as holder from organisations
    union
    select code as holder
    from {{ ref('code_label') }}
    where code_set in ('org_type', 'org_level')
    union
    select category as holder
    from {{ ref('code_label') }}
    where code_set = 'org_level'
),

named as (
    select
        thresholds.*,
        thresholds.holder = '*' or holders.holder is not null as names_holder
    from thresholds
    left join holders on thresholds.holder = holders.holder
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
            when named.holder = organisations.org_type then 2
            when named.holder = organisations.org_level then 3
            when named.holder = organisations.level_group then 4
            when named.holder = '*' then 5
            when not named.names_holder then 6
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
        case when precedence = 6 then scope else detail end as qualifier,
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
        value
    from ranked
    where is_chosen
)

select * from chosen
