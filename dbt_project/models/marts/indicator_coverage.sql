-- Grain: one indicator, organisation and month for which the organisation must answer (core.org_month).
-- Rule: without a required table there is no evaluation (reason missing_table:<table>, coverage 0); tables with
-- few rows by nature (category sparse of ref.code_label) may pause for two months. Otherwise coverage is
-- the share of subjects whose inputs were there; too little volume or no peers lower nothing. Months in which the
-- same tables were sent lack the same tables, so that is found out once for each set of tables that was sent.
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

counts as (
    select
        periods.indicator_id,
        periods.org_code,
        months.period_month,
        sum(periods.evaluated) as evaluated,
        sum(periods.fired) as fired,
        sum(periods.clear) as clear,
        sum(periods.guarded) as guarded,
        sum(periods.not_computable) as not_computable,
        sum(periods.without_input) as without_input,
        min(periods.first_reason) as first_reason
    from periods
    inner join months
        on
            periods.org_code = months.org_code
            and months.period_month between periods.first_month and periods.period_end
    group by periods.indicator_id, periods.org_code, months.period_month
),

covered as (
    select
        asked.indicator_id,
        months.org_code,
        months.period_month,
        coalesce(counts.evaluated, 0) as evaluated,
        coalesce(counts.fired, 0) as fired,
        coalesce(counts.clear, 0) as clear,
        coalesce(counts.guarded, 0) as guarded,
        coalesce(counts.not_computable, 0) as not_computable,
        case when asked.missing_table is null then counts.first_reason else 'missing_table:' || asked.missing_table end
            as reason,
        case
            when asked.missing_table is null then coalesce(reasons.reason_zh, counts.first_reason)
            else '缺少数据表：' || coalesce(source_tables.label_zh, asked.missing_table)
        end as reason_zh,
        case
            when asked.missing_table is not null then 0
            when counts.evaluated > 0
                then 1 - cast(counts.without_input as numeric(18, 4)) / counts.evaluated
            else 1
        end as coverage_ratio
    from months
    inner join asked on months.table_names = asked.table_names
    left join counts
        on
            asked.indicator_id = counts.indicator_id
            and months.org_code = counts.org_code
            and months.period_month = counts.period_month
    left join source_tables on asked.missing_table = source_tables.table_name
    left join reasons
        on
            counts.indicator_id = reasons.indicator_id
            and counts.first_reason = reasons.reason
),

typed as (
    select
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(org_code as varchar(12)) as org_code,
        cast(period_month as date) as period_month,
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
