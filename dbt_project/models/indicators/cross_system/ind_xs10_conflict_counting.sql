-- Grain: one organisation, month, and member of staff with a role at a supplier, or account that saw quantities by doctor.
-- Rule: XS10. (a) The person or a declared relative stands with a supplier from which goods were ordered with the person's
-- part in it: red where it was not declared by the day of the order, yellow where it was, or where no register of
-- declarations was delivered, which also leaves relatives unknown. (b) A query showed quantities of drugs by doctor in bulk,
-- as an export or off hours, and the white list does not permit it: red. No money at risk: what the orders are worth is no
-- loss.
-- Source: int_interest_order, int_counting_query, core.dim_staff_interest, core.dim_doctor, core.fct_visit_contact, core.org_month,
-- core.source_availability.
with interest_lines as (
    select
        int_interest_order.*,
        case when is_past = 1 then 'past_role' else 'fired' end as verdict
    from {{ ref('int_interest_order') }} as int_interest_order
),

interest_outcomes as (
    select
        interest_lines.*,
        {{ outcome_of('verdict', not_computable=['missing_staff_key', 'missing_declaration']) }} as outcome
    from interest_lines
),

registers as (
    select distinct
        org_code,
        month_start
    from {{ ref('source_availability') }}
    where table_name = 'sv_declaration'
),

staff_months as (
    select
        staff.org_code,
        staff.doctor_code as staff_code,
        staff.dept_code,
        months.month_start,
        registers.org_code is not null as has_register,
        case
            when not staff.has_key then 'missing_staff_key'
            when registers.org_code is null then 'missing_declaration'
        end as missing_input
    from {{ ref('dim_doctor') }} as staff
    inner join {{ ref('org_month') }} as months on months.org_code = staff.org_code
    left join registers
        on
            registers.org_code = months.org_code
            and registers.month_start = months.month_start
),

staff_lines as (
    select
        staff_months.*,
        lines.line_key,
        lines.is_declared,
        -- What was found stands; else an input that is missing may hide a finding.
        case
            when lines.outcome = 'fired' then 'fired'
            when staff_months.missing_input is not null then 'not_computable'
            else coalesce(lines.outcome, 'clear')
        end as outcome,
        coalesce(staff_months.missing_input, lines.verdict) as reason
    from staff_months
    left join interest_outcomes as lines
        on
            lines.org_code = staff_months.org_code
            and lines.staff_code = staff_months.staff_code
            and lines.order_month = staff_months.month_start
),

staff_results as (
    select
        org_code,
        'staff' as subject_type,
        staff_code as subject_id,
        max(dept_code) as dept_code,
        staff_code as doctor_code,
        month_start as period_start,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'reason') }} as reason,
        case
            when max(case when has_register then 1 else 0 end) = 0 then 'unknown_declaration'
            when min(case when outcome = 'fired' then is_declared end) = 0 then 'undeclared'
            else 'declared'
        end as peer_group,
        count(case when outcome = 'fired' then 1 end) as n
    from staff_lines
    group by org_code, staff_code, month_start
),

queries as (
    select
        int_counting_query.*,
        {{ outcome_of('verdict', not_computable=['missing_row_count']) }} as outcome
    from {{ ref('int_counting_query') }} as int_counting_query
),

account_results as (
    select
        queries.org_code,
        'access_account' as subject_type,
        queries.account as subject_id,
        max(staff.dept_code) as dept_code,
        max(queries.staff_code) as doctor_code,
        queries.log_month as period_start,
        {{ worst_outcome('queries.outcome') }} as outcome,
        {{ worst_reason('queries.outcome', 'queries.verdict') }} as reason,
        cast(null as varchar(40)) as peer_group,
        count(case when queries.outcome = 'fired' then 1 end) as n
    from queries
    left join {{ ref('dim_doctor') }} as staff
        on
            staff.org_code = queries.org_code
            and staff.doctor_code = queries.staff_code
    group by queries.org_code, queries.account, queries.log_month
),

results as (
    select * from staff_results
    union all
    select * from account_results
),

outcomes as (
    select
        results.org_code,
        results.subject_type,
        results.subject_id,
        results.dept_code,
        results.doctor_code,
        results.period_start,
        results.outcome,
        results.reason,
        case when results.outcome = 'fired' then results.peer_group end as peer_group,
        case when results.peer_group in ('declared', 'unknown_declaration') then 'yellow' else 'red' end as zone,
        results.n,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        '疑点' as state,
        0 as value,
        0 as threshold
    from results
),

query_rows as (
    select
        org_code,
        'access_account' as subject_type,
        account as subject_id,
        log_month as period_start,
        outcome,
        'his_access_log' as source_table,
        log_id as row_key,
        1 as value
    from queries
    where outcome in ('fired', 'guarded')
),

-- Representatives who came to see the holder of the account around a query.
visit_rows as (
    select distinct
        queries.org_code,
        'access_account' as subject_type,
        queries.account as subject_id,
        queries.log_month as period_start,
        queries.outcome,
        'sv_visit' as source_table,
        contacts.visit_id as row_key,
        0 as value
    from queries
    {{ threshold_join('visit_days', 'XS10', 'visit_days', 'queries.org_code', 'queries.log_month') }}
    inner join {{ ref('fct_visit_contact') }} as contacts
        on
            contacts.org_code = queries.org_code
            and contacts.doctor_code = queries.staff_code
            and abs({{ days_between('queries.log_date', 'contacts.visit_date') }}) <= visit_days.value
    where queries.outcome = 'fired'
),

order_rows as (
    select distinct
        org_code,
        'staff' as subject_type,
        staff_code as subject_id,
        order_month as period_start,
        outcome,
        'pr_order' as source_table,
        line_key as row_key,
        amount as value
    from interest_outcomes
),

rows_behind as (
    select * from query_rows
    union all
    select * from visit_rows
    union all
    select * from order_rows
),

with_evidence as (
    {{ with_evidence('outcomes', 'rows_behind', typed=true, risks=[]) }}
),

indicator as (
    {{
        indicator_rows(
            'XS10', '1.0.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, value)',
            absent=['expected', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
