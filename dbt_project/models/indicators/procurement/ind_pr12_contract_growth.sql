-- Grain: one contract, kind of change and year of its signature.
-- Rule: PR12, supplements of more than PR12.supplement_share (10 %) of the contract (采购法 §49); payments beyond the
-- contract with its supplements and renewals; more than PR12.max_renewals renewals without a new tender; lines outside
-- what was tendered. Additions whose dates do not tell a supplement from a renewal (contract_undated) decide nothing:
-- where the limit is kept without them and broken with them, the dates are missing. The final account of works may
-- settle otherwise. At risk is what goes beyond.
-- Source: int_contract_change, core.fct_contract, core.dim_project.
with contracts as (
    select
        contract.org_code,
        contract.contract_id,
        contract.sign_date,
        {{ month_of('contract.sign_date') }} as sign_month,
        contract.amount,
        contract.is_framework,
        contract.lacks_parent,
        coalesce(projects.category_kind = 'works', false) as is_works
    from {{ ref('fct_contract') }} as contract
    left join {{ ref('dim_project') }} as projects
        on
            contract.org_code = projects.org_code
            and contract.project_id = projects.project_id
),

changes as (
    select * from {{ ref('int_contract_change') }}
),

totals as (
    select
        org_code,
        contract_id,
        count(case when subject_type = 'contract_supplement' then 1 end) as supplement_count,
        coalesce(sum(case when subject_type = 'contract_supplement' then amount end), 0) as supplement_amount,
        count(case when subject_type = 'contract_renewal' then 1 end) as renewal_count,
        coalesce(sum(case when subject_type = 'contract_renewal' then amount end), 0) as renewal_amount,
        count(case when subject_type = 'contract_undated' then 1 end) as undated_count,
        coalesce(sum(case when subject_type = 'contract_undated' then amount end), 0) as undated_amount,
        count(case when subject_type = 'contract_payment' then 1 end) as payment_count,
        coalesce(sum(case when subject_type = 'contract_payment' then amount end), 0) as payment_amount,
        count(case when subject_type = 'contract_scope' then 1 end) as scope_count,
        coalesce(sum(case when subject_type = 'contract_scope' then amount end), 0) as scope_amount
    from changes
    group by org_code, contract_id
),

limited as (
    select
        contracts.*,
        coalesce(totals.supplement_count, 0) as supplement_count,
        coalesce(totals.supplement_amount, 0) as supplement_amount,
        coalesce(totals.renewal_count, 0) as renewal_count,
        coalesce(totals.renewal_amount, 0) as renewal_amount,
        coalesce(totals.undated_count, 0) as undated_count,
        coalesce(totals.undated_amount, 0) as undated_amount,
        coalesce(totals.payment_count, 0) as payment_count,
        coalesce(totals.payment_amount, 0) as payment_amount,
        coalesce(totals.scope_count, 0) as scope_count,
        coalesce(totals.scope_amount, 0) as scope_amount,
        contracts.amount + coalesce(totals.supplement_amount, 0) + coalesce(totals.renewal_amount, 0)
        + coalesce(totals.undated_amount, 0) as agreed_amount,
        max_share.value as max_share,
        tolerance.value as tolerance,
        max_renewals.value as max_renewals
    from contracts
    left join totals
        on
            contracts.org_code = totals.org_code
            and contracts.contract_id = totals.contract_id
    {{ threshold_join('max_share', 'PR12', 'supplement_share', 'contracts.org_code', 'contracts.sign_month') }}
    {{ threshold_join('tolerance', 'PR12', 'paid_tolerance', 'contracts.org_code', 'contracts.sign_month') }}
    {{ threshold_join('max_renewals', 'PR12', 'max_renewals', 'contracts.org_code', 'contracts.sign_month') }}
),

-- One row a contract and rule: its value, what it may be, what is beyond, and whether works may settle it otherwise.
measured as (
    select
        org_code,
        contract_id,
        sign_date,
        'contract_supplement' as subject_type,
        case when lacks_parent then null else supplement_amount / nullif(amount, 0) end as value,
        max_share as threshold,
        supplement_amount - max_share * amount as excess,
        supplement_amount as total,
        supplement_count as n,
        is_works,
        case
            when lacks_parent then 'missing_parent_contract'
            when amount = 0 then 'missing_amount'
            when supplement_amount <= max_share * amount and supplement_amount + undated_amount > max_share * amount
                then 'missing_contract_dates'
        end as lacks
    from limited
    where not is_framework
    union all
    select
        org_code,
        contract_id,
        sign_date,
        'contract_payment' as subject_type,
        payment_amount / nullif(agreed_amount, 0) as value,
        1 + tolerance as threshold,
        payment_amount - agreed_amount * (1 + tolerance) as excess,
        payment_amount as total,
        payment_count as n,
        is_works,
        case when lacks_parent then 'missing_parent_contract' when agreed_amount <= 0 then 'missing_amount' end as lacks
    from limited
    union all
    select
        org_code,
        contract_id,
        sign_date,
        'contract_renewal' as subject_type,
        renewal_count as value,
        max_renewals as threshold,
        case when renewal_count > max_renewals then renewal_amount else 0 end as excess,
        renewal_amount as total,
        renewal_count as n,
        false as is_works,
        case
            when renewal_count <= max_renewals and renewal_count + undated_count > max_renewals then 'missing_contract_dates'
        end as lacks
    from limited
    where renewal_count > 0 or undated_count > max_renewals
    union all
    select
        org_code,
        contract_id,
        sign_date,
        'contract_scope' as subject_type,
        scope_amount as value,
        0 as threshold,
        scope_amount as excess,
        scope_amount as total,
        scope_count as n,
        false as is_works,
        {{ as_text('null') }} as lacks
    from limited
    where scope_count > 0
),

judged as (
    select
        measured.*,
        case
            when lacks is not null then lacks
            when excess <= 0 then 'clear'
            when is_works then 'final_account'
            else 'fired'
        end as verdict
    from measured
),

outcomes as (
    select
        judged.*,
        contract_id as subject_id,
        make_date(cast(extract(year from sign_date) as integer), 1, 1) as period_start,
        make_date(cast(extract(year from sign_date) as integer), 12, 31) as period_end,
        {{
            outcome_of('verdict', not_computable=['missing_parent_contract', 'missing_amount', 'missing_contract_dates'])
        }} as outcome,
        verdict as reason,
        'red' as zone,
        '疑点' as state
    from judged
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        changes.source_table,
        changes.row_key,
        case outcomes.subject_type
            when 'contract_renewal' then 1
            else outcomes.value * changes.amount / nullif(outcomes.total, 0)
        end as value,
        outcomes.excess * changes.amount / nullif(outcomes.total, 0) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join changes
        on
            outcomes.org_code = changes.org_code
            and outcomes.contract_id = changes.contract_id
            and outcomes.subject_type = changes.subject_type
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'PR12', '1.1.0', 'subject_type', 'with_evidence',
            absent=['dept_code', 'doctor_code', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
