-- Grain: one change of a contract that counts for a rule of PR12: the row behind it, its amount and what it adds.
-- Rule: a supplement adds to its contract (contract_supplement), except one that begins after the contract has ended
-- and runs on: that is a renewal (contract_renewal); where the dates do not tell which of the two, it is
-- contract_undated. However many supplements lie between, it counts to the first contract. Every payment counts against
-- the contract and its supplements (contract_payment). Lines of a category that the project did not ask for lie outside
-- the tender (contract_scope).
-- Source: core.fct_contract, core.fct_contract_row, core.fct_payment, core.fct_contract_line, core.dim_project.
with contracts as (
    select * from {{ ref('fct_contract') }}
),

supplements as (
    select
        added.org_code,
        contracts.contract_id,
        case
            when added.start_date > contracts.end_date and added.end_date > contracts.end_date then 'contract_renewal'
            when added.start_date <= contracts.end_date or added.end_date <= contracts.end_date then 'contract_supplement'
            else 'contract_undated'
        end as subject_type,
        'pr_contract' as source_table,
        added.contract_id as row_key,
        added.amount
    from {{ ref('fct_contract_row') }} as added
    inner join contracts
        on
            added.org_code = contracts.org_code
            and added.root_contract_id = contracts.contract_id
            and added.contract_id <> contracts.contract_id
),

payments as (
    select
        payment.org_code,
        coalesce(paid.root_contract_id, payment.contract_id) as contract_id,
        'contract_payment' as subject_type,
        'pr_payment' as source_table,
        payment.payment_id as row_key,
        payment.amount
    from {{ ref('fct_payment') }} as payment
    inner join {{ ref('fct_contract_row') }} as paid
        on
            payment.org_code = paid.org_code
            and payment.contract_id = paid.contract_id
),

outside_lines as (
    select
        signed.org_code,
        coalesce(signed.root_contract_id, signed.contract_id) as contract_id,
        'contract_scope' as subject_type,
        'pr_contract' as source_table,
        signed.contract_id as row_key,
        sum(line.amount) as amount
    from {{ ref('fct_contract_line') }} as line
    inner join {{ ref('fct_contract_row') }} as signed
        on
            line.org_code = signed.org_code
            and line.contract_id = signed.contract_id
    inner join contracts
        on
            signed.org_code = contracts.org_code
            and coalesce(signed.root_contract_id, signed.contract_id) = contracts.contract_id
    inner join {{ ref('dim_project') }} as projects
        on
            contracts.org_code = projects.org_code
            and contracts.project_id = projects.project_id
    where line.amount > 0 and line.category_code <> projects.category_code
    group by
        signed.org_code,
        coalesce(signed.root_contract_id, signed.contract_id),
        signed.contract_id
),

changes as (
    select * from supplements
    union all
    select * from payments
    union all
    select * from outside_lines
),

typed as (
    select
        org_code,
        contract_id,
        subject_type,
        source_table,
        row_key,
        cast(amount as numeric(18, 2)) as amount
    from changes
)

select * from typed
