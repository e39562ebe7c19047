-- Grain: one lead that still fires, department and item of the rows behind it.
-- Rule: an item is one of the hospital's catalogue or of an insurance line; rows of other kinds (visits, stays, settlements)
-- have none and are named by their source. The department is that of the row, else that of the lead. Amounts at risk add
-- up to that of the lead as far as its rows have one.
-- Source: lead_listing, lead_evidence, core.dim_item.
with leads as (
    select * from {{ ref('lead_listing') }}
    where is_active
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

evidence as (
    select
        evidence.lead_id,
        coalesce(evidence.dept_code, leads.dept_code, '') as dept_code,
        coalesce(departments.dept_name, evidence.dept_code, leads.dept_name, '—') as dept_name,
        case
            when items.item_code is not null or evidence.source_table = 'yb_fee_list_d' then evidence.item_code
        end as item_code,
        coalesce(
            items.item_name,
            case when evidence.source_table = 'yb_fee_list_d' then coalesce(evidence.item_name, evidence.item_code) end,
            '（' || evidence.source_table_zh || '）'
        ) as item_label,
        evidence.amount,
        evidence.risk_gross,
        evidence.risk_fund
    from {{ ref('lead_evidence') }} as evidence
    inner join leads on evidence.lead_id = leads.lead_id
    left join items
        on
            evidence.org_code = items.org_code
            and evidence.item_code = items.item_code
    left join {{ ref('dim_department') }} as departments
        on
            evidence.org_code = departments.org_code
            and evidence.dept_code = departments.dept_code
),

sums as (
    select
        lead_id,
        dept_code,
        max(dept_name) as dept_name,
        coalesce(item_code, '') as item_code,
        item_label,
        count(*) as evidence_rows,
        sum(amount) as amount,
        sum(risk_gross) as risk_gross,
        sum(risk_fund) as risk_fund
    from evidence
    group by lead_id, dept_code, coalesce(item_code, ''), item_label
),

typed as (
    select
        cast(sums.lead_id as varchar(32)) as lead_id,
        cast(leads.org_code as varchar(12)) as org_code,
        cast(leads.org_name as varchar(200)) as org_name,
        cast(leads.org_level_zh as varchar(60)) as org_level_zh,
        cast(leads.district_name as varchar(60)) as district_name,
        cast(leads.family as varchar(20)) as family,
        cast(leads.indicator_id as varchar(10)) as indicator_id,
        cast(leads.indicator_name_zh as varchar(100)) as indicator_name_zh,
        cast(leads.light_zh as varchar(60)) as light_zh,
        cast(leads.period_month as date) as period_month,
        cast(sums.dept_code as varchar(60)) as dept_code,
        cast(sums.dept_name as varchar(200)) as dept_name,
        cast(sums.item_code as varchar(64)) as item_code,
        cast(sums.item_label as varchar(300)) as item_label,
        cast(sums.evidence_rows as integer) as evidence_rows,
        cast(sums.amount as numeric(18, 2)) as amount,
        cast(sums.risk_gross as numeric(18, 2)) as risk_gross,
        cast(sums.risk_fund as numeric(18, 2)) as risk_fund
    from sums
    inner join leads on sums.lead_id = leads.lead_id
)

select * from typed
