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

-- With the first table that the check requires and the organisation did not send in the month.
expected as (
    select
        required.identity_id,
        required.aspect,
        required.table_name,
        months.org_code,
        months.month_start as period_month,
        min(case when availability.org_code is null then required.required_table end) as missing_table
    from required
    cross join {{ ref('org_month') }} as months
    inner join last_months on months.org_code = last_months.org_code
    left join answering
        on
            required.identity_id = answering.identity_id
            and required.aspect = answering.aspect
            and required.table_name = answering.table_name
            and months.org_code = answering.org_code
    left join {{ ref('source_availability') }} as availability
        on
            months.org_code = availability.org_code
            and months.month_start = availability.month_start
            and required.required_table = availability.table_name
    where
        required.aspect not in ('duplicates', 'late_arrival', 'backdated')
        and (answering.org_code is not null or months.month_start = last_months.last_month)
    group by
        required.identity_id, required.aspect, required.table_name, months.org_code, months.month_start
),

-- A result and what was expected meet in one group. Regional lists arrive under organisation '*', which
-- has no months of its own.
told as (
    select
        identity_id,
        aspect,
        table_name,
        org_code,
        period_month,
        numerator,
        denominator,
        not_evaluable,
        reason,
        example_key,
        1 as is_counted,
        {{ as_text('null') }} as missing_table
    from {{ ref('identity_result') }}
    union all
    select
        identity_id,
        aspect,
        table_name,
        org_code,
        period_month,
        0 as numerator,
        0 as denominator,
        0 as not_evaluable,
        {{ as_text('null') }} as reason,
        {{ as_text('null') }} as example_key,
        0 as is_counted,
        missing_table
    from expected
),

answers as (
    select
        identity_id,
        aspect,
        table_name,
        org_code,
        period_month,
        cast(sum(numerator) as numeric(20, 2)) as numerator,
        cast(sum(denominator) as numeric(20, 2)) as denominator,
        cast(sum(not_evaluable) as numeric(20, 2)) as not_evaluable,
        min(reason) as reason,
        min(example_key) as example_key,
        max(is_counted) as is_counted,
        min(missing_table) as missing_table
    from told
    group by identity_id, aspect, table_name, org_code, period_month
),

judged as (
    select
        answers.identity_id,
        checks.number,
        checks.name_zh,
        checks.dimension,
        answers.aspect,
        answers.table_name,
        answers.org_code,
        answers.period_month,
        answers.numerator,
        answers.denominator,
        answers.not_evaluable,
        coalesce(
            answers.reason,
            case when answers.is_counted = 0 then 'missing_table:' || answers.missing_table end,
            case when answers.denominator = 0 then 'no_rows' end
        ) as reason,
        answers.example_key
    from answers
    inner join checks
        on
            answers.identity_id = checks.identity_id
            and answers.aspect = checks.aspect
            and (answers.table_name = checks.table_name or checks.table_name = '*')
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
