-- Grain: one purchase order line that was not cancelled, with the days on which its contract was signed, its goods first
-- came and their invoice was written.
-- Rule: the contract's day is null where the line names none or it was not delivered; the others where nothing came yet.
-- first_owned_date is that of goods that were not consigned. lacks_parent: the contract is a supplement whose own contract
-- was not delivered.
with orders as (
    select
        org_code,
        order_id,
        line_no,
        line_key,
        order_time,
        order_date,
        order_month,
        contract_id,
        is_emergency
    from {{ ref('fct_purchase_line') }}
),

invoices as (
    select
        org_code,
        receipt_id,
        min(invoice_date) as invoice_date
    from {{ ref('fct_invoice_delivery') }}
    group by org_code, receipt_id
),

deliveries as (
    select
        receipts.org_code,
        receipts.order_id,
        receipts.order_line_no,
        min(cast(receipts.receipt_time as date)) as first_receipt_date,
        min(case when not receipts.is_consignment then cast(receipts.receipt_time as date) end) as first_owned_date,
        min(invoices.invoice_date) as first_invoice_date
    from {{ ref('stg_procurement__receipt') }} as receipts
    left join invoices
        on
            receipts.org_code = invoices.org_code
            and receipts.receipt_id = invoices.receipt_id
    where receipts.order_id is not null
    group by receipts.org_code, receipts.order_id, receipts.order_line_no
),

staged as (
    select
        orders.org_code,
        orders.order_id,
        orders.line_no,
        orders.line_key,
        orders.order_time,
        orders.order_date,
        orders.order_month,
        orders.contract_id,
        contracts.sign_date,
        coalesce(contracts.lacks_parent, false) as lacks_parent,
        deliveries.first_receipt_date,
        deliveries.first_owned_date,
        deliveries.first_invoice_date,
        orders.is_emergency
    from orders
    left join {{ ref('fct_contract_row') }} as contracts
        on
            orders.org_code = contracts.org_code
            and orders.contract_id = contracts.contract_id
    left join deliveries
        on
            orders.org_code = deliveries.org_code
            and orders.order_id = deliveries.order_id
            and orders.line_no = deliveries.order_line_no
)

select * from staged
