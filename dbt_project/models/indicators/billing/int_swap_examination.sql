-- Grain: one encounter and examination of a pair of items that are billed for one another, of which not as many
-- reports are there as were billed; surplus is the difference, negative where reports lack.
-- Source: core.fct_report, core.fct_fee_line, core.dim_item, core.dim_swap_pair.
with codes as (
    select billed_code as code from {{ ref('dim_swap_pair') }}
    union
    select true_code as code from {{ ref('dim_swap_pair') }}
),

reported_items as (
    select distinct
        org_code,
        item_code
    from {{ ref('fct_report') }}
),

-- Of what the hospital never reports no report can lack.
examinations as (
    select
        items.org_code,
        items.item_code,
        codes.code
    from {{ ref('dim_item') }} as items
    inner join codes on items.med_list_codg = codes.code
    inner join reported_items
        on
            items.org_code = reported_items.org_code
            and items.item_code = reported_items.item_code
    where items.item_kind = 'service'
),

entries as (
    select
        reports.org_code,
        reports.encounter_type,
        reports.encounter_id,
        examinations.code,
        cast(coalesce(reports.exec_time, reports.report_time) as date) as report_date,
        1 as qty
    from {{ ref('fct_report') }} as reports
    inner join examinations
        on
            reports.org_code = examinations.org_code
            and reports.item_code = examinations.item_code
    union all
    select
        fee_lines.org_code,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        examinations.code,
        null as report_date,
        -fee_lines.net_qty as qty
    from {{ ref('fct_fee_line') }} as fee_lines
    -- One key of one column: by the index of organisations all lines would be read once for each item.
    inner join examinations
        on fee_lines.org_code || '|' || fee_lines.item_code = examinations.org_code || '|' || examinations.item_code
    where fee_lines.item_kind = 'service'
),

balances as (
    select
        org_code,
        encounter_type,
        encounter_id,
        code,
        min(report_date) as first_report_date,
        cast(sum(qty) as numeric(18, 4)) as surplus
    from entries
    group by org_code, encounter_type, encounter_id, code
    having sum(qty) <> 0
)

select * from balances
