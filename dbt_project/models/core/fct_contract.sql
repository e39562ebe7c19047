-- Grain: one contract that supplements no other, with what followed on it: supplements, orders, deliveries,
-- invoices, payments and the first month in which what it brought was used.
-- Rule: a supplement of a supplement counts to the first contract; where the contract that one names was not
-- delivered, it stands for itself and lacks_parent says so. A framework agrees on prices: its amount is a ceiling.
-- Invoices of the maker to the distributor are no part of it. Of an invoice without delivery the payment tells the contract.
with contracts as (
    select * from {{ ref('fct_contract_row') }}
),

supplements as (
    select
        org_code,
        root_contract_id as contract_id,
        count(*) as supplement_count,
        sum(amount) as supplement_amount,
        max(sign_date) as last_supplement_date
    from contracts
    where root_contract_id <> contract_id
    group by org_code, root_contract_id
),

agreed_lines as (
    select
        org_code,
        contract_id,
        count(*) as item_lines,
        count(coalesce(amount, qty)) as priced_lines
    from {{ ref('stg_procurement__contract_item') }}
    group by org_code, contract_id
),

flows as (
    select * from {{ ref('fct_contract_flow') }}
),

followed as (
    select
        contracts.org_code,
        contracts.contract_id,
        contracts.contract_no,
        contracts.project_id,
        contracts.lot_no,
        contracts.supplier_code,
        contracts.supplier_name,
        contracts.supplier_group_id,
        contracts.parent_contract_id,
        contracts.root_contract_id is null as lacks_parent,
        contracts.sign_date,
        {{ month_of('contracts.sign_date') }} as sign_month,
        contracts.start_date,
        contracts.end_date,
        contracts.status,
        contracts.amount,
        coalesce(agreed_lines.item_lines > 0 and agreed_lines.priced_lines = 0, false) as is_framework,
        cast(coalesce(supplements.supplement_count, 0) as integer) as supplement_count,
        coalesce(supplements.supplement_amount, 0) as supplement_amount,
        supplements.last_supplement_date,
        cast(coalesce(flows.order_lines, 0) as integer) as order_lines,
        coalesce(flows.ordered_amount, 0) as ordered_amount,
        flows.first_order_time,
        cast(coalesce(flows.receipt_lines, 0) as integer) as receipt_lines,
        cast(coalesce(flows.accepted_lines, 0) as integer) as accepted_lines,
        coalesce(flows.received_amount, 0) as received_amount,
        flows.first_receipt_time,
        cast(coalesce(flows.invoice_count, 0) as integer) as invoice_count,
        coalesce(flows.invoiced_amount, 0) as invoiced_amount,
        flows.first_invoice_date,
        cast(coalesce(flows.payment_count, 0) as integer) as payment_count,
        coalesce(flows.paid_amount, 0) as paid_amount,
        flows.first_payment_date,
        flows.first_use_month,
        contracts.batch_id
    from contracts
    left join supplements
        on
            contracts.org_code = supplements.org_code
            and contracts.contract_id = supplements.contract_id
    left join agreed_lines
        on
            contracts.org_code = agreed_lines.org_code
            and contracts.contract_id = agreed_lines.contract_id
    left join flows
        on
            contracts.org_code = flows.org_code
            and contracts.contract_id = flows.contract_id
    where coalesce(contracts.root_contract_id, contracts.contract_id) = contracts.contract_id
)

select * from followed
