-- Grain: one organisation and member of staff with roles in orders of a month (staff_roles), or stretch of a person in a key
-- post (key_post).
-- Rule: PR14. (a) One person filled at least 2 of the roles handler, approver, acceptor, keeper and payer of one order: red. (b) A
-- key post was held for more months than its limit: red. No money at risk: what passed through is no loss.
-- Source: core.fct_chain_role, core.fct_purchase_line, core.dim_doctor, int_key_post_tenure, core.org_month.
with roles as (
    select * from {{ ref('fct_chain_role') }}
),

order_persons as (
    select
        roles.org_code,
        roles.staff_code,
        roles.order_id,
        roles.order_month,
        count(*) as roles
    from roles
    group by roles.org_code, roles.staff_code, roles.order_id, roles.order_month
),

known_roles as (
    select
        org_code,
        order_id,
        count(distinct role) as roles
    from roles
    group by org_code, order_id
),

organisations as (
    select
        org_code,
        count(*) as staff
    from {{ ref('dim_doctor') }}
    group by org_code
),

judged_orders as (
    select
        order_persons.*,
        case
            when known_roles.roles < min_roles.value then 'missing_roles'
            when order_persons.roles < min_roles.value then 'clear'
            when organisations.staff is null then 'missing_staff'
            when organisations.staff < min_staff.value then 'small_organisation'
            else 'fired'
        end as verdict
    from order_persons
    inner join known_roles
        on
            known_roles.org_code = order_persons.org_code
            and known_roles.order_id = order_persons.order_id
    left join organisations on organisations.org_code = order_persons.org_code
    {{ threshold_join('min_roles', 'PR14', 'min_roles', 'order_persons.org_code', 'order_persons.order_month') }}
    {{ threshold_join('min_staff', 'PR14', 'min_staff', 'order_persons.org_code', 'order_persons.order_month') }}
),

order_outcomes as (
    select
        judged_orders.*,
        {{ outcome_of('verdict', not_computable=['missing_roles', 'missing_staff']) }} as outcome
    from judged_orders
),

role_results as (
    select
        org_code,
        'staff_roles' as subject_type,
        staff_code as subject_id,
        staff_code as doctor_code,
        order_month as period_start,
        {{ add_days(add_months('order_month', 1), -1) }} as period_end,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        0 as value,
        0 as threshold,
        count(case when outcome = 'fired' then 1 end) as n
    from order_outcomes
    group by org_code, staff_code, order_month
),

tenures as (
    select
        tenures.*,
        tenures.staff_code || '|' || tenures.post_code || '|' || {{ as_text('tenures.stretch_start') }} as subject_id,
        case when tenures.stretch_months > tenures.stretch_limit then 'fired' else 'clear' end as outcome
    from {{ ref('int_key_post_tenure') }} as tenures
),

first_months as (
    select
        org_code,
        min(month_start) as first_month
    from {{ ref('org_month') }}
    group by org_code
),

-- A post is overdue from the month after its limit on, and until then judged in the last month known.
tenure_results as (
    select
        tenures.org_code,
        'key_post' as subject_type,
        tenures.subject_id,
        min(tenures.staff_code) as doctor_code,
        case
            when min(tenures.outcome) = 'fired'
                then
                    greatest(
                        {{ month_of(add_months('min(tenures.stretch_start)', 'cast(min(tenures.stretch_limit) as integer)')) }},
                        min(first_months.first_month)
                    )
            else {{ month_of('max(tenures.stretch_end)') }}
        end as period_start,
        max(tenures.stretch_end) as period_end,
        min(tenures.outcome) as outcome,
        cast(null as varchar(60)) as reason,
        max(tenures.stretch_months) as value,
        min(tenures.stretch_limit) as threshold,
        count(*) as n
    from tenures
    inner join first_months on first_months.org_code = tenures.org_code
    where tenures.stretch_end >= first_months.first_month
    group by tenures.org_code, tenures.subject_id
),

results as (
    select * from role_results
    union all
    select * from tenure_results
),

outcomes as (
    select
        results.*,
        staff.dept_code,
        'red' as zone,
        '疑点' as state
    from results
    left join {{ ref('dim_doctor') }} as staff
        on
            staff.org_code = results.org_code
            and staff.doctor_code = results.doctor_code
),

order_rows as (
    select
        order_outcomes.org_code,
        'staff_roles' as subject_type,
        order_outcomes.staff_code as subject_id,
        order_outcomes.order_month as period_start,
        order_outcomes.outcome,
        'pr_order' as source_table,
        purchases.line_key as row_key,
        purchases.amount as value
    from order_outcomes
    inner join {{ ref('fct_purchase_line') }} as purchases
        on
            purchases.org_code = order_outcomes.org_code
            and purchases.order_id = order_outcomes.order_id
    where order_outcomes.outcome in ('fired', 'guarded')
),

post_rows as (
    select
        tenures.org_code,
        'key_post' as subject_type,
        tenures.subject_id,
        tenure_results.period_start,
        tenures.outcome,
        'sv_post_assignment' as source_table,
        tenures.staff_code || '|' || tenures.post_code || '|' || {{ as_text('tenures.start_on') }} as row_key,
        tenures.months as value
    from tenures
    inner join tenure_results
        on
            tenure_results.org_code = tenures.org_code
            and tenure_results.subject_id = tenures.subject_id
    where tenures.outcome = 'fired'
),

rows_behind as (
    select * from order_rows
    union all
    select * from post_rows
),

with_evidence as (
    {{ with_evidence('outcomes', 'rows_behind', typed=true, risks=[]) }}
),

indicator as (
    {{
        indicator_rows(
            'PR14', '1.0.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, value)',
            absent=['expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
