-- Grain: one check (contract rule, batch rule, ledger equation or identity), organisation, table and month.
-- Rule: a check counts what it was held against: rows, batches, days. What a batch rule says holds for every
-- organisation with rows in the batch, in the month of its run; a reason stands only beside what it explains.
-- Amounts are in quality_identity_month only.
-- Source: staging.stg_ops__*, quality_identity_month of this layer, core.org_month.
with batches as (
    select * from {{ ref('stg_ops__batch') }}
),

verdicts as (
    select * from {{ ref('stg_ops__quality_result') }}
),

rows_of_batches as (
    select
        rows_of_batch.batch_id,
        rows_of_batch.org_code,
        rows_of_batch.group_key,
        rows_of_batch.row_count,
        batches.run_month,
        coalesce(months.month_start, batches.run_month) as period_month
    from {{ ref('stg_ops__batch_month') }} as rows_of_batch
    inner join batches on rows_of_batch.batch_id = batches.batch_id
    left join {{ ref('org_month') }} as months
        on
            rows_of_batch.org_code = months.org_code
            and rows_of_batch.business_month = months.month_start
            and months.month_start <= batches.run_month
),

counts as (
    select * from {{ ref('stg_ops__quality_month') }}
),

row_rules as (
    select
        rows_of_batches.org_code,
        verdicts.table_name,
        rows_of_batches.period_month,
        verdicts.dimension,
        verdicts.rule_id as check_id,
        verdicts.rule_name_zh as check_zh,
        case
            when verdicts.evaluated + verdicts.not_evaluated = 0 then 0
            else rows_of_batches.row_count - coalesce(counts.failed, 0) - coalesce(counts.not_evaluated, 0)
        end as numerator,
        coalesce(counts.failed, 0) as failed,
        case
            when verdicts.evaluated + verdicts.not_evaluated = 0 then rows_of_batches.row_count
            else coalesce(counts.not_evaluated, 0)
        end as not_evaluable,
        verdicts.not_evaluated_reason as reason
    from verdicts
    inner join rows_of_batches on verdicts.batch_id = rows_of_batches.batch_id
    left join counts
        on
            verdicts.batch_id = counts.batch_id
            and verdicts.rule_id = counts.rule_id
            and rows_of_batches.group_key = counts.group_key
    where verdicts.level = 'row'
),

-- A batch that could not be read has no rows: the source's own organisation answers for it.
organisations_of_batches as (
    select distinct
        batch_id,
        org_code
    from rows_of_batches
    union
    select
        batch_id,
        org_code
    from verdicts
    where org_code <> ''
),

batch_rules as (
    select
        organisations.org_code,
        verdicts.table_name,
        batches.run_month as period_month,
        case
            when verdicts.rule_id in (verdicts.table_name || '_row_count', verdicts.table_name || '_control_total')
                then 'reconciliation'
            else verdicts.dimension
        end as dimension,
        verdicts.rule_id as check_id,
        verdicts.rule_name_zh as check_zh,
        verdicts.evaluated - verdicts.failed as numerator,
        verdicts.failed,
        case when verdicts.evaluated = 0 then 1 else 0 end as not_evaluable,
        verdicts.not_evaluated_reason as reason
    from verdicts
    inner join batches on verdicts.batch_id = batches.batch_id
    inner join organisations_of_batches as organisations on verdicts.batch_id = organisations.batch_id
    where
        verdicts.level = 'batch'
        and not batches.is_repeat
),

ledger as (
    select
        organisations.org_code,
        batches.table_name,
        batches.run_month as period_month,
        'reconciliation' as dimension,
        'ledger_equation' as check_id,
        '批次抽取数等于未变、入库、隔离、重复之和' as check_zh,
        case
            when batches.state <> 'loaded' then 0
            when batches.extracted = batches.unchanged + batches.loaded + batches.quarantined + batches.duplicates then 1
            else 0
        end as numerator,
        case
            when batches.state <> 'loaded' then 0
            when batches.extracted = batches.unchanged + batches.loaded + batches.quarantined + batches.duplicates then 0
            else 1
        end as failed,
        case when batches.state = 'loaded' then 0 else 1 end as not_evaluable,
        case when batches.state <> 'loaded' then 'not_loaded' end as reason
    from batches
    inner join organisations_of_batches as organisations on batches.batch_id = organisations.batch_id
    where not batches.is_repeat
),

checks as (
    select * from row_rules
    union all
    select * from batch_rules
    union all
    select * from ledger
),

totals as (
    select
        case when org_code = '' then '?' else org_code end as org_code,
        table_name,
        period_month,
        case when dimension = 'conformity' then 'validity' else dimension end as dimension,
        check_id,
        max(check_zh) as check_zh,
        sum(numerator) as numerator,
        sum(numerator + failed) as denominator,
        sum(not_evaluable) as not_evaluable,
        max(case when not_evaluable > 0 then reason end) as reason
    from checks
    group by
        case when org_code = '' then '?' else org_code end,
        table_name,
        period_month,
        case when dimension = 'conformity' then 'validity' else dimension end,
        check_id
    union all
    -- Identities come as they are: they have one row an organisation, table and month already.
    select
        case when org_code = '' then '?' else org_code end as org_code,
        table_name,
        period_month,
        case when dimension = 'conformity' then 'validity' else dimension end as dimension,
        identity_id || '_' || aspect as check_id,
        identity_id || ' ' || name_zh as check_zh,
        numerator,
        denominator,
        not_evaluable,
        case when not_evaluable > 0 then reason end as reason
    from {{ ref('identity_month') }}
    where aspect <> 'amount'
),

typed as (
    select
        cast(org_code as varchar(12)) as org_code,
        cast(table_name as varchar(40)) as table_name,
        period_month,
        cast(dimension as varchar(20)) as dimension,
        cast(check_id as varchar(100)) as check_id,
        cast(check_zh as varchar(100)) as check_zh,
        cast(numerator as numeric(20, 2)) as numerator,
        cast(denominator as numeric(20, 2)) as denominator,
        cast(not_evaluable as numeric(20, 2)) as not_evaluable,
        reason
    from totals
)

select * from typed
