-- Grain: one indicator, organisation and run of consecutive months for which the organisation must answer
-- (core.org_month), in which it sent the same tables and as many subjects were evaluated, with the same outcomes.
-- Rule: without a required table there is no evaluation (reason missing_table:<table>, coverage 0); tables with
-- few rows by nature (category sparse of ref.code_label) may pause for two months. Otherwise coverage is
-- the share of subjects whose inputs were there; too little volume or no peers lower nothing. Months in which the
-- same tables were sent lack the same tables, so that is found out once for each set of tables that was sent; and
-- where nothing was ever evaluated, once for each run of months with such a set.
with required as (
    {{ required_tables() }}
),

reasons as (
    {{ indicator_reasons() }}
),

landing_required as (
    select * from required
    where table_name not like 'ref.%'
),

source_tables as (
    select
        code as table_name,
        label_zh,
        case when category = 'sparse' then 2 else 0 end as pause_months
    from {{ ref('code_label') }}
    where code_set = 'source_table'
),

-- Months for which a table's rows speak: their own and those that it may pause.
sent as (
    select distinct
        availability.org_code,
        availability.table_name,
        {{ add_months('availability.month_start', 'pauses.months') }} as month_start
    from {{ ref('source_availability') }} as availability
    left join source_tables on availability.table_name = source_tables.table_name
    inner join (values (0), (1), (2)) as pauses (months)
        on pauses.months <= coalesce(source_tables.pause_months, 0)
),

months as (
    {{ months_with_tables('sent') }}
),

sets as (
    select distinct table_names from months
),

-- The first table that an indicator lacks in months with these tables.
asked as (
    select
        indicators.indicator_id,
        sets.table_names,
        min(
            case
                when {{ lacks_table('sets.table_names', 'landing_required.table_name') }} then landing_required.table_name
            end
        ) as missing_table
    from {{ ref('indicator') }} as indicators
    cross join sets
    left join landing_required on indicators.indicator_id = landing_required.indicator_id
    group by indicators.indicator_id, sets.table_names
),

-- Counted by period before each period is spread over its months.
periods as (
    select
        indicator_id,
        org_code,
        {{ month_of('period_start') }} as first_month,
        period_end,
        count(outcome) as evaluated,
        count(*) filter (where outcome = 'fired') as fired,
        count(*) filter (where outcome = 'clear') as clear,
        count(*) filter (where outcome = 'guarded') as guarded,
        count(*) filter (where outcome = 'not_computable') as not_computable,
        count(*) filter (where outcome = 'not_computable' and reason like 'missing%') as without_input,
        min(case when outcome = 'not_computable' then reason end) as first_reason
    from {{ ref('indicator_result') }}
    group by indicator_id, org_code, {{ month_of('period_start') }}, period_end
),

-- Most periods are one month; only the others are held against every month of their organisation.
period_months as (
    select
        periods.*,
        first_month as period_month
    from periods
    where period_end < {{ add_months('first_month', 1) }}
    union all
    select
        periods.*,
        months.period_month
    from periods
    inner join months
        on
            periods.org_code = months.org_code
            and months.period_month between periods.first_month and periods.period_end
    where periods.period_end >= {{ add_months('periods.first_month', 1) }}
),

counts as (
    select
        period_months.indicator_id,
        period_months.org_code,
        period_months.period_month,
        sum(period_months.evaluated) as evaluated,
        sum(period_months.fired) as fired,
        sum(period_months.clear) as clear,
        sum(period_months.guarded) as guarded,
        sum(period_months.not_computable) as not_computable,
        sum(period_months.without_input) as without_input,
        min(period_months.first_reason) as first_reason
    from period_months
    inner join months
        on
            period_months.org_code = months.org_code
            and period_months.period_month = months.period_month
    group by period_months.indicator_id, period_months.org_code, period_months.period_month
),

-- Most indicators have nothing to evaluate at most organisations: only the others are looked at month by month.
judged as (
    select distinct
        indicator_id,
        org_code
    from counts
),

judged_months as (
    select
        judged.indicator_id,
        months.org_code,
        months.period_month,
        months.table_names,
        coalesce(counts.evaluated, 0) as evaluated,
        coalesce(counts.fired, 0) as fired,
        coalesce(counts.clear, 0) as clear,
        coalesce(counts.guarded, 0) as guarded,
        coalesce(counts.not_computable, 0) as not_computable,
        coalesce(counts.without_input, 0) as without_input,
        counts.first_reason
    from judged
    inner join months on judged.org_code = months.org_code
    left join counts
        on
            judged.indicator_id = counts.indicator_id
            and judged.org_code = counts.org_code
            and months.period_month = counts.period_month
),

-- Months of one run are as far from the run's beginning as there are months of it before them.
numbered_judged_months as (
    select
        judged_months.*,
        {{ month_number('period_month') }} - row_number() over (
            partition by
                indicator_id,
                org_code,
                table_names,
                evaluated,
                fired,
                clear,
                guarded,
                not_computable,
                without_input,
                first_reason
            order by period_month
        ) as run_number
    from judged_months
),

numbered_months as (
    select
        months.*,
        {{ month_number('period_month') }} - row_number() over (
            partition by org_code, table_names
            order by period_month
        ) as run_number
    from months
),

runs_of_tables as (
    select
        org_code,
        table_names,
        min(period_month) as first_month,
        max(period_month) as last_month,
        count(*) as months
    from numbered_months
    group by org_code, table_names, run_number
),

runs as (
    select
        indicator_id,
        org_code,
        table_names,
        min(period_month) as first_month,
        max(period_month) as last_month,
        count(*) as months,
        evaluated,
        fired,
        clear,
        guarded,
        not_computable,
        without_input,
        first_reason
    from numbered_judged_months
    group by
        indicator_id,
        org_code,
        table_names,
        run_number,
        evaluated,
        fired,
        clear,
        guarded,
        not_computable,
        without_input,
        first_reason
    union all
    select
        indicators.indicator_id,
        runs_of_tables.org_code,
        runs_of_tables.table_names,
        runs_of_tables.first_month,
        runs_of_tables.last_month,
        runs_of_tables.months,
        0 as evaluated,
        0 as fired,
        0 as clear,
        0 as guarded,
        0 as not_computable,
        0 as without_input,
        null as first_reason
    from {{ ref('indicator') }} as indicators
    cross join runs_of_tables
    left join judged
        on
            indicators.indicator_id = judged.indicator_id
            and runs_of_tables.org_code = judged.org_code
    where judged.indicator_id is null
),

covered as (
    select
        runs.*,
        case when asked.missing_table is null then runs.first_reason else 'missing_table:' || asked.missing_table end
            as reason,
        case
            when asked.missing_table is null then coalesce(reasons.reason_zh, runs.first_reason)
            else '缺少数据表：' || coalesce(source_tables.label_zh, asked.missing_table)
        end as reason_zh,
        case
            when asked.missing_table is not null then 0
            when runs.evaluated > 0 then 1 - cast(runs.without_input as numeric(18, 4)) / runs.evaluated
            else 1
        end as coverage_ratio
    from runs
    inner join asked
        on
            runs.indicator_id = asked.indicator_id
            and runs.table_names = asked.table_names
    left join source_tables on asked.missing_table = source_tables.table_name
    left join reasons
        on
            runs.indicator_id = reasons.indicator_id
            and runs.first_reason = reasons.reason
),

typed as (
    select
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(org_code as varchar(12)) as org_code,
        cast(first_month as date) as first_month,
        cast(last_month as date) as last_month,
        cast(months as integer) as months,
        cast(evaluated as integer) as evaluated,
        cast(fired as integer) as fired,
        cast(clear as integer) as clear,
        cast(guarded as integer) as guarded,
        cast(not_computable as integer) as not_computable,
        cast(reason as varchar(100)) as reason,
        cast(reason_zh as varchar(200)) as reason_zh,
        cast(coverage_ratio as numeric(5, 4)) as coverage_ratio
    from covered
)

select * from typed
