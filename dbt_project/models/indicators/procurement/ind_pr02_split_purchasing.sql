-- Grain: one organisation, budget project and category, and fiscal year; and one organisation, department, category and
-- kind of limit, and calendar year.
-- Rule: PR02, split purchasing (化整为零). By law: purchases of one budget project and category in one fiscal year by
-- methods other than open tender that add up to more than the limit of open tender. By window: purchases of one department
-- and category from one company group within 90 days, each below the limit of its method, together at or above it. At
-- risk is what exceeds the limit.
-- Source: int_split_year, int_split_window, int_bound_purchase.
with years as (
    select * from {{ ref('int_split_year') }}
),

windows as (
    select * from {{ ref('int_split_window') }}
),

purchases as (
    select * from {{ ref('int_bound_purchase') }}
    where limit_kind is not null
),

subjects as (
    select
        org_code,
        'budget_category' as subject_type,
        subject_id,
        {{ as_text('null') }} as dept_code,
        fiscal_year as period_year,
        verdict,
        'red' as zone,
        {{ as_text('null') }} as anchor_id,
        case when verdict = 'fired' then counted else bound_count end as n,
        case when verdict = 'fired' then counted_amount else bound_amount end as amount,
        open_limit as threshold
    from years
    union all
    select
        org_code,
        'dept_category' as subject_type,
        requester_dept_code || '|' || category_code || '|' || limit_kind as subject_id,
        requester_dept_code as dept_code,
        purchase_year as period_year,
        verdict,
        'yellow' as zone,
        anchor_id,
        case when verdict = 'fired' then counted else member_count end as n,
        case when verdict = 'fired' then counted_amount else member_amount end as amount,
        limit_amount as threshold
    from windows
),

outcomes as (
    select
        subjects.*,
        make_date(period_year, 1, 1) as period_start,
        make_date(period_year, 12, 31) as period_end,
        {{
            outcome_of(
                'verdict',
                not_computable=[
                    'missing_budget_project', 'missing_department', 'missing_limit', 'missing_parent_contract', 'missing_amount',
                ],
            )
        }} as outcome,
        verdict as reason,
        '疑点' as state
    from subjects
),

year_members as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        outcomes.amount as total,
        outcomes.threshold,
        purchases.project_id,
        purchases.amount
    from outcomes
    inner join purchases
        on
            outcomes.org_code = purchases.org_code
            and outcomes.subject_id = purchases.budget_project_code || '|' || purchases.category_code
            and outcomes.period_year = purchases.fiscal_year
            and (
                outcomes.outcome = 'guarded' or purchases.excuse is null or purchases.excuse = 'recurrent_maintenance'
            )
    where outcomes.subject_type = 'budget_category' and outcomes.outcome in ('fired', 'guarded')
),

window_members as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        outcomes.amount as total,
        outcomes.threshold,
        purchases.project_id,
        purchases.amount
    from outcomes
    inner join windows
        on
            outcomes.org_code = windows.org_code
            and outcomes.anchor_id = windows.anchor_id
    inner join purchases as anchors
        on
            windows.org_code = anchors.org_code
            and windows.anchor_id = anchors.project_id
    inner join purchases
        on
            anchors.org_code = purchases.org_code
            and anchors.requester_dept_code = purchases.requester_dept_code
            and anchors.category_code = purchases.category_code
            and anchors.limit_kind = purchases.limit_kind
            and anchors.supplier_group_id = purchases.supplier_group_id
            and {{ days_between('purchases.purchase_date', 'anchors.purchase_date') }} between 0 and windows.window_days - 1
            and purchases.amount < purchases.limit_amount
            and (outcomes.outcome = 'guarded' or purchases.excuse is null)
    where outcomes.outcome in ('fired', 'guarded')
),

members as (
    select * from year_members
    union all
    select * from window_members
),

evidence as (
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        outcome,
        'pr_project' as source_table,
        project_id as row_key,
        amount as value,
        amount * greatest(total - threshold, 0) / nullif(total, 0) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from members
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'PR02', '1.1.0', 'subject_type', 'with_evidence', value='amount',
            absent=['doctor_code', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value', 'expected'],
        )
    }}
)

select * from indicator
