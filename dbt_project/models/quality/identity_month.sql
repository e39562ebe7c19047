-- Grain: one identity, aspect, table, organisation and month for which the organisation must answer.
-- Rule: what the organisation did not send cannot be judged: reason missing_table:<table>. Where the table is
-- there and holds nothing that the identity speaks of, the reason is no_rows. An organisation that never sent
-- any of the tables that a check requires says so once, in its last month, and not in each of its months.
-- Source: identity_result, metadata of the identities, core.org_month, core.source_availability.
with required as (
    {{ identity_checks() }}
),

checks as (
    select distinct
        identity_id,
        number,
        name_zh,
        dimension,
        aspect,
        table_name
    from required
),

results as (
    select * from {{ ref('identity_result') }}
),

sent_tables as (
    select distinct
        org_code,
        table_name
    from {{ ref('source_availability') }}
),

-- Organisations that ever sent a table that the check requires.
answering as (
    select distinct
        required.identity_id,
        required.aspect,
        required.table_name,
        sent_tables.org_code
    from required
    inner join sent_tables on required.required_table = sent_tables.table_name
),

last_months as (
    select
        org_code,
        max(month_start) as last_month
    from {{ ref('org_month') }}
    group by org_code
),

-- Regional lists arrive under organisation '*', which has no months of its own.
keys as (
    select
        checks.identity_id,
        checks.aspect,
        checks.table_name,
        months.org_code,
        months.month_start as period_month
    from checks
    cross join {{ ref('org_month') }} as months
    inner join last_months on months.org_code = last_months.org_code
    left join answering
        on
            checks.identity_id = answering.identity_id
            and checks.aspect = answering.aspect
            and checks.table_name = answering.table_name
            and months.org_code = answering.org_code
    where
        checks.aspect not in ('duplicates', 'late_arrival', 'backdated')
        and (answering.org_code is not null or months.month_start = last_months.last_month)
    union
    select
        identity_id,
        aspect,
        table_name,
        org_code,
        period_month
    from results
),

missing as (
    select
        keys.identity_id,
        keys.aspect,
        keys.table_name,
        keys.org_code,
        keys.period_month,
        min(required.required_table) as required_table
    from keys
    inner join required
        on
            keys.identity_id = required.identity_id
            and keys.aspect = required.aspect
            and keys.table_name = required.table_name
    left join {{ ref('source_availability') }} as availability
        on
            keys.org_code = availability.org_code
            and required.required_table = availability.table_name
            and keys.period_month = availability.month_start
    where availability.org_code is null
    group by keys.identity_id, keys.aspect, keys.table_name, keys.org_code, keys.period_month
),

judged as (
    select
        keys.identity_id,
        checks.number,
        checks.name_zh,
        checks.dimension,
        keys.aspect,
        keys.table_name,
        keys.org_code,
        keys.period_month,
        coalesce(results.numerator, 0) as numerator,
        coalesce(results.denominator, 0) as denominator,
        coalesce(results.not_evaluable, 0) as not_evaluable,
        coalesce(
            results.reason,
            case when results.identity_id is null then 'missing_table:' || missing.required_table end,
            case when coalesce(results.denominator, 0) = 0 then 'no_rows' end
        ) as reason,
        results.example_key
    from keys
    inner join checks
        on
            keys.identity_id = checks.identity_id
            and keys.aspect = checks.aspect
            and (keys.table_name = checks.table_name or checks.table_name = '*')
    left join results
        on
            keys.identity_id = results.identity_id
            and keys.aspect = results.aspect
            and keys.table_name = results.table_name
            and keys.org_code = results.org_code
            and keys.period_month = results.period_month
    left join missing
        on
            keys.identity_id = missing.identity_id
            and keys.aspect = missing.aspect
            and keys.table_name = missing.table_name
            and keys.org_code = missing.org_code
            and keys.period_month = missing.period_month
),

limits as (
    select
        indicator_id,
        max(value) as min_share
    from {{ ref('threshold') }}
    where param = 'min_share' and scope = '*'
    group by indicator_id
),

scored as (
    select
        judged.*,
        coalesce(own_share.value, limits.min_share, 1) as min_share,
        case
            when judged.denominator > 0 then cast(judged.numerator / judged.denominator as numeric(9, 6))
        end as score
    from judged
    left join limits on judged.identity_id = limits.indicator_id
    left join {{ ref('org_threshold') }} as own_share
        on
            own_share.org_code = judged.org_code
            and judged.period_month between own_share.valid_from and own_share.valid_to
            and own_share.indicator_id = judged.identity_id
            and own_share.param = 'min_share'
            and own_share.qualifier = ''
),

verdicts as (
    select
        scored.*,
        case when score is not null then score >= min_share end as holds
    from scored
)

select * from verdicts
