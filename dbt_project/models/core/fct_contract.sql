-- Grain: one contract that supplements no other, with what followed on it and on its supplements: how many orders,
-- deliveries, invoices and payments, and the first month in which what it brought was used.
-- Rule: a supplement of a supplement counts to the first contract; where the contract that one names was not delivered,
-- it has a row of its own, which is no purchase: lacks_parent says so. A framework agrees on prices: its amount is a ceiling.
-- Invoices of the maker to the distributor are no part of it. Of an invoice without delivery the payment tells the contract.
with contracts as (
    select * from {{ ref('fct_contract_row') }}
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
        contracts.project_id,
        contracts.lot_no,
        contracts.supplier_code,
        contracts.supplier_name,
        contracts.lacks_parent,
        contracts.sign_date,
        contracts.end_date,
        contracts.status,
        contracts.amount,
        coalesce(agreed_lines.item_lines > 0 and agreed_lines.priced_lines = 0, false) as is_framework,
        cast(coalesce(flows.order_lines, 0) as integer) as order_lines,
        cast(coalesce(flows.receipt_lines, 0) as integer) as receipt_lines,
        cast(coalesce(flows.accepted_lines, 0) as integer) as accepted_lines,
        cast(coalesce(flows.invoice_count, 0) as integer) as invoice_count,
        flows.first_invoice_date,
        cast(coalesce(flows.payment_count, 0) as integer) as payment_count,
        flows.first_payment_date,
        flows.first_use_month,
        contracts.batch_id
    from contracts
    left join agreed_lines
        on
            contracts.org_code = agreed_lines.org_code
            and contracts.contract_id = agreed_lines.contract_id
    left join flows
        on
            contracts.org_code = flows.org_code
            and contracts.contract_id = flows.contract_id
    where contracts.lacks_parent or contracts.root_contract_id = contracts.contract_id
)

select * from followed
