-- Grain: one identity, aspect, table, organisation and month for which the organisation must answer.
-- Rule: what the organisation did not send cannot be judged: reason missing_table:<table>. Where the table is
-- there and holds nothing that the identity speaks of, the reason is no_rows. An organisation that never sent
-- any of the tables that a check requires says so once, in its last month, and not in each of its months. Months in
-- which the same tables were sent lack the same tables, so that is found out once for each set of tables that was sent.
-- Source: identity_result, metadata of the identities, core.org_month, core.source_availability.
with required as (
    {{ identity_checks() }}
),

identities as (
    select distinct
        identity_id,
        number,
        name_zh,
        dimension,
        aspect
    from required
),

sent_tables as (
    select distinct
        org_code,
        table_name
    from {{ ref('source_availability') }}
),

ever_sent as (
    select
        org_code,
        {{ text_list('table_name') }} as table_names
    from sent_tables
    group by org_code
),

sent_by_month as (
    {{ months_with_tables(ref('source_availability')) }}
),

months as (
    select
        sent_by_month.*,
        coalesce(ever_sent.table_names, '') as ever_names,
        sent_by_month.period_month = max(sent_by_month.period_month) over organisation as is_last
    from sent_by_month
    left join ever_sent on sent_by_month.org_code = ever_sent.org_code
    window organisation as (partition by sent_by_month.org_code)
),

sets as (
    select distinct
        table_names,
        ever_names
    from months
),

-- What a check lacks in months with these tables of an organisation that ever sent those.
asked as (
    select
        required.identity_id,
        required.aspect,
        required.table_name,
        sets.table_names,
        sets.ever_names,
        min(
            case when {{ lacks_table('sets.table_names', 'required.required_table') }} then required.required_table end
        ) as missing_table,
        min(
            case when {{ lacks_table('sets.ever_names', 'required.required_table') }} then 1 else 0 end
        ) as never_sent
    from required
    cross join sets
    where required.aspect not in ('duplicates', 'late_arrival', 'backdated')
    group by required.identity_id, required.aspect, required.table_name, sets.table_names, sets.ever_names
),

expected as (
    select
        asked.identity_id,
        asked.aspect,
        asked.table_name,
        months.org_code,
        months.period_month,
        asked.missing_table
    from months
    inner join asked
        on
            months.table_names = asked.table_names
            and months.ever_names = asked.ever_names
    where asked.never_sent = 0 or months.is_last
),

-- Regional lists arrive under organisation '*', which has no months of its own.
answers as (
    select
        identity_id,
        aspect,
        table_name,
        org_code,
        period_month,
        cast(numerator as numeric(20, 2)) as numerator,
        cast(denominator as numeric(20, 2)) as denominator,
        cast(not_evaluable as numeric(20, 2)) as not_evaluable,
        reason,
        example_key
    from {{ ref('identity_result') }}
    union all
    select
        expected.identity_id,
        expected.aspect,
        expected.table_name,
        expected.org_code,
        expected.period_month,
        cast(0 as numeric(20, 2)) as numerator,
        cast(0 as numeric(20, 2)) as denominator,
        cast(0 as numeric(20, 2)) as not_evaluable,
        'missing_table:' || expected.missing_table as reason,
        {{ as_text('null') }} as example_key
    from expected
    left join {{ ref('identity_result') }} as results
        on
            expected.identity_id = results.identity_id
            and expected.aspect = results.aspect
            and expected.table_name = results.table_name
            and expected.org_code = results.org_code
            and expected.period_month = results.period_month
    where results.identity_id is null
),

judged as (
    select
        answers.identity_id,
        identities.number,
        identities.name_zh,
        identities.dimension,
        answers.aspect,
        answers.table_name,
        answers.org_code,
        answers.period_month,
        answers.numerator,
        answers.denominator,
        answers.not_evaluable,
        coalesce(answers.reason, case when answers.denominator = 0 then 'no_rows' end) as reason,
        answers.example_key
    from answers
    left join identities
        on
            answers.identity_id = identities.identity_id
            and answers.aspect = identities.aspect
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
