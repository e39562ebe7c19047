{{ config(indexes=[{'columns': ['indicator_id', 'param', 'qualifier', 'org_code', 'month_start'], 'unique': true}]) }}

-- Grain: one organisation, month, threshold (indicator, parameter) and qualifier: the value that holds.
-- Rule: a hospital's own row goes before that of its type, its level (code or group) and the general one;
-- validity on the first day of the month. Whatever of a scope names no organisation is the qualifier:
-- 'yellow' holds for all with qualifier yellow, 'general|outpatient' for general hospitals with outpatient.
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

matched as (
    select
        organisations.org_code,
        months.month_start,
        thresholds.indicator_id,
        thresholds.param,
        thresholds.scope,
        thresholds.value,
        thresholds.valid_from,
        thresholds.detail,
        case
            when thresholds.holder = organisations.org_code then 1
            when thresholds.holder = organisations.org_type then 2
            when thresholds.holder = organisations.org_level then 3
            when thresholds.holder = organisations.level_group then 4
            when thresholds.holder = '*' then 5
            else 6
        end as precedence
    from organisations
    cross join months
    inner join thresholds
        on
            thresholds.valid_from <= months.month_start
            and coalesce(thresholds.valid_to, months.month_start) >= months.month_start
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
