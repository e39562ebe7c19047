-- Grain: one organisation, drug or material and month: what was billed beside what left the stores.
-- Rule: quantities of XS02 in smallest units, billed less used, and their worth at the charge price of that unit; outcome
-- and reason are those of XS02 for the month. Months without an input that XS02 needs have no difference, not one of 0.
-- Source: int_stock_flow_month, indicator_result, core.dim_item.
with flows as (
    select * from {{ ref('int_stock_flow_month') }}
),

results as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        reason
    from {{ ref('indicator_result') }}
    where indicator_id = 'XS02' and subject_type = 'stock_item'
),

-- One name an item code, whatever kinds of item share it.
items as (
    select
        org_code,
        item_code,
        min(item_name) as item_name
    from {{ ref('dim_item') }}
    group by org_code, item_code
),

labels as (
    select * from {{ ref('code_label') }}
),

compared as (
    select
        flows.*,
        case when flows.missing_input is null then flows.gap end as known_gap
    from flows
),

typed as (
    select
        cast(compared.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(organisations.org_level_zh as varchar(60)) as org_level_zh,
        cast(organisations.district_name as varchar(60)) as district_name,
        cast(compared.item_kind as varchar(20)) as item_kind,
        cast(compared.item_code as varchar(60)) as item_code,
        cast(coalesce(items.item_name, compared.item_code) as varchar(300)) as item_label,
        cast(compared.month_start as date) as period_month,
        cast(case when compared.missing_input is null then compared.used_qty end as numeric(18, 4)) as used_qty,
        cast(case when compared.missing_input is null then compared.billed_qty end as numeric(18, 4)) as billed_qty,
        cast(compared.known_gap as numeric(18, 4)) as gap,
        cast(compared.known_gap * compared.charge_price as numeric(18, 2)) as gap_amount,
        cast(coalesce(results.outcome, 'not_computable') as varchar(20)) as outcome,
        cast(coalesce(outcome_label.label_zh, results.outcome, '无法计算') as varchar(60)) as outcome_zh
    from compared
    left join results
        on
            compared.org_code = results.org_code
            and compared.subject_id = results.subject_id
            and compared.month_start = results.period_start
    left join items
        on
            compared.org_code = items.org_code
            and compared.item_code = items.item_code
    left join labels as outcome_label
        on
            results.outcome = outcome_label.code
            and outcome_label.code_set = 'outcome'
    left join {{ ref('organisation') }} as organisations on compared.org_code = organisations.org_code
)

select * from typed
