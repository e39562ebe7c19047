-- Grain: one project and time limit, in the month of its notice; one contract, rule on the order of its stages and month
-- of order; one organisation and calendar year.
-- Rule: PR09, time limits of a purchase (时限异常): too few days for bidders, a winner's bid after the deadline, a contract
-- before the result or too long after it, bills before the contract; orders before the contract, goods or invoices before
-- the order; and a share of December in the year's contracts of at least PR09.december_share.
-- Source: int_project_stage, int_contract_stage, core.fct_procurement_chain.
with project_stages as (
    select * from {{ ref('int_project_stage') }}
),

contract_lines as (
    select
        lines.*,
        {{ outcome_of('verdict', not_computable=['missing_contract', 'missing_parent_contract']) }} as outcome
    from {{ ref('int_contract_stage') }} as lines
),

contracts as (
    select
        org_code,
        contract_id,
        contract_amount as amount,
        sign_date,
        cast(extract(year from sign_date) as integer) as sign_year,
        extract(month from sign_date) = 12 as is_december
    from {{ ref('fct_procurement_chain') }}
    where sign_date is not null and not is_framework and has_project and not lacks_parent
),

-- Years whose December is over: before that its share would be too small.
years as (
    select
        org_code,
        sign_year,
        count(*) as contract_count,
        count(distinct extract(month from sign_date)) as month_count,
        sum(amount) as amount,
        coalesce(sum(case when is_december then amount end), 0) as december_amount
    from contracts
    where make_date(sign_year, 12, 31) <= {{ detect_date() }}
    group by org_code, sign_year
),

year_verdicts as (
    select
        years.*,
        max_share.value as max_share,
        december_amount / nullif(amount, 0) as december_share,
        case
            when contract_count < min_contracts.value or month_count < min_months.value or amount = 0 then 'below_volume'
            when december_amount / nullif(amount, 0) >= max_share.value then 'fired'
            else 'clear'
        end as verdict
    from years
    {{ threshold_join('max_share', 'PR09', 'december_share', 'years.org_code', 'make_date(years.sign_year, 1, 1)') }}
    {{ threshold_join('min_contracts', 'PR09', 'min_contracts_year', 'years.org_code', 'make_date(years.sign_year, 1, 1)') }}
    {{ threshold_join('min_months', 'PR09', 'min_contract_months', 'years.org_code', 'make_date(years.sign_year, 1, 1)') }}
),

contract_months as (
    select
        org_code,
        contract_id || '|' || rule_code as subject_id,
        order_month as period_start,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        count(*) as n,
        count(case when outcome = 'fired' then 1 end) as fired_lines,
        count(case when outcome = 'guarded' then 1 end) as guarded_lines
    from contract_lines
    group by org_code, contract_id || '|' || rule_code, order_month
),

outcomes as (
    select
        org_code,
        'project_stage' as subject_type,
        project_id || '|' || rule_code as subject_id,
        chain_month as period_start,
        {{ add_days(add_months('chain_month', 1), -1) }} as period_end,
        {{
            outcome_of(
                'verdict',
                not_computable=[
                    'missing_notice_time', 'missing_deadline', 'missing_bid_time', 'missing_result_time',
                    'missing_parent_contract',
                ],
            )
        }} as outcome,
        verdict as reason,
        'red' as zone,
        '疑点' as state,
        1 as n,
        value,
        threshold
    from project_stages
    union all
    select
        org_code,
        'contract_stage' as subject_type,
        subject_id,
        period_start,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        outcome,
        reason,
        'red' as zone,
        '疑点' as state,
        n,
        case outcome when 'guarded' then guarded_lines else fired_lines end as value,
        0 as threshold
    from contract_months
    union all
    select
        org_code,
        'hospital' as subject_type,
        org_code as subject_id,
        make_date(sign_year, 1, 1) as period_start,
        make_date(sign_year, 12, 31) as period_end,
        {{ outcome_of('verdict', not_computable=['below_volume']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        contract_count as n,
        december_share as value,
        max_share as threshold
    from year_verdicts
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_project' as source_table,
        split_part(outcomes.subject_id, '|', 1) as row_key,
        outcomes.value,
        cast(null as numeric(18, 2)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    where outcomes.subject_type = 'project_stage' and outcomes.outcome in ('fired', 'guarded')
    union all
    select
        org_code,
        'contract_stage' as subject_type,
        contract_id || '|' || rule_code as subject_id,
        order_month as period_start,
        outcome,
        'pr_order' as source_table,
        line_key as row_key,
        1 as value,
        cast(null as numeric(18, 2)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from contract_lines
    where outcome in ('fired', 'guarded')
    union all
    select
        contracts.org_code,
        'hospital' as subject_type,
        contracts.org_code as subject_id,
        make_date(contracts.sign_year, 1, 1) as period_start,
        'fired' as outcome,
        'pr_contract' as source_table,
        contracts.contract_id as row_key,
        contracts.amount / nullif(year_verdicts.amount, 0) as value,
        cast(null as numeric(18, 2)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from year_verdicts
    inner join contracts
        on
            year_verdicts.org_code = contracts.org_code
            and year_verdicts.sign_year = contracts.sign_year
            and contracts.is_december
    where year_verdicts.verdict = 'fired'
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'PR09', '1.1.0', 'subject_type', 'with_evidence',
            absent=['dept_code', 'doctor_code', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
