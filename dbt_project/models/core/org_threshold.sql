{{ config(indexes=[{'columns': ['indicator_id', 'param', 'qualifier', 'org_code', 'month_start'], 'unique': true}]) }}

-- Grain: one organisation, month, threshold (indicator, parameter) and qualifier: the value that holds.
-- Rule: a hospital's own row goes before that of its type, its level (code or group) and the general one;
-- validity on the first day of the month. A scope that names nobody is the qualifier itself: 'yellow'
-- holds for all with qualifier yellow, 'general|outpatient' for general hospitals with outpatient.
with thresholds as (
    select
        indicator_id,
        param,
        scope,
        split_part(scope, '|', 1) as holder,
        split_part(scope, '|', 2) as detail,
        value,
        valid_from,
        valid_to
    from {{ ref('threshold') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

months as (
    select * from {{ ref('dim_month') }}
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

matched as (
    select
        organisations.org_code,
        months.month_start,
        named.indicator_id,
        named.param,
        named.scope,
        named.value,
        named.valid_from,
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
    cross join months
    inner join named
        on
            named.valid_from <= months.month_start
            and coalesce(named.valid_to, months.month_start) >= months.month_start
),

qualified as (
    select
        org_code,
        month_start,
        indicator_id,
        param,
        case when precedence = 6 then scope else detail end as qualifier,
        scope,
        value,
        valid_from,
        precedence
    from matched
    where precedence is not null
),

ranked as (
    select
        qualified.*,
        row_number() over (
            partition by org_code, month_start, indicator_id, param, qualifier
            order by precedence, valid_from desc
        ) = 1 as is_chosen
    from qualified
),

chosen as (
    select
        org_code,
        month_start,
        indicator_id,
        param,
        qualifier,
        scope,
        value
    from ranked
    where is_chosen
)

select * from chosen
