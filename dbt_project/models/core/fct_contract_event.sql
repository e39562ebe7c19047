-- Grain: one order line, delivery line, invoice or payment that belongs to a contract.
-- Rule: a cancelled order is none; a supplier return lowers what was received. An invoice to the hospital belongs to the
-- contract of its deliveries' orders, else to that of its payment. What was paid on a supplement counts to its first contract.
with contracts as (
    select * from {{ ref('fct_contract_row') }}
),

order_lines as (
    select
        org_code,
        contract_id,
        order_id,
        line_no,
        line_key,
        order_time
    from {{ ref('fct_order_stage') }}
    where contract_id is not null
),

received as (
    select
        receipts.org_code,
        order_lines.contract_id,
        receipts.receipt_id,
        receipts.receipt_id || '#' || {{ as_text('receipts.line_no') }} as line_key,
        receipts.receipt_time,
        receipts.acceptor_code,
        receipts.item_kind,
        receipts.item_code
    from {{ ref('stg_procurement__receipt') }} as receipts
    inner join order_lines
        on
            receipts.org_code = order_lines.org_code
            and receipts.order_id = order_lines.order_id
            and receipts.order_line_no = order_lines.line_no
),

payments as (
    select * from {{ ref('stg_procurement__payment') }}
),

delivered_contracts as (
    select
        links.org_code,
        links.invoice_key,
        min(received.contract_id) as contract_id
    from {{ ref('fct_invoice_delivery') }} as links
    inner join received
        on
            links.org_code = received.org_code
            and links.receipt_id = received.receipt_id
    group by links.org_code, links.invoice_key
),

paid_contracts as (
    select
        org_code,
        invoice_key,
        min(contract_id) as contract_id
    from payments
    where invoice_key is not null and contract_id is not null
    group by org_code, invoice_key
),

invoices as (
    select
        invoices.org_code,
        invoices.invoice_key,
        coalesce(delivered_contracts.contract_id, paid_contracts.contract_id) as contract_id,
        invoices.invoice_date
    from {{ ref('fct_supply_invoice') }} as invoices
    left join delivered_contracts
        on
            invoices.org_code = delivered_contracts.org_code
            and invoices.invoice_key = delivered_contracts.invoice_key
    left join paid_contracts
        on
            invoices.org_code = paid_contracts.org_code
            and invoices.invoice_key = paid_contracts.invoice_key
    where invoices.parent_invoice_key is null
),

events as (
    select
        org_code,
        contract_id,
        'order' as kind,
        line_key as event_key,
        order_time as event_time,
        0 as is_accepted,
        {{ as_text('null') }} as item_kind,
        {{ as_text('null') }} as item_code
    from order_lines
    union all
    select
        org_code,
        contract_id,
        'receipt' as kind,
        line_key as event_key,
        receipt_time as event_time,
        case when acceptor_code is not null then 1 else 0 end as is_accepted,
        item_kind,
        item_code
    from received
    union all
    select
        org_code,
        contract_id,
        'invoice' as kind,
        invoice_key as event_key,
        cast(invoice_date as timestamp) as event_time,
        0 as is_accepted,
        {{ as_text('null') }} as item_kind,
        {{ as_text('null') }} as item_code
    from invoices
    where contract_id is not null
    union all
    select
        org_code,
        contract_id,
        'payment' as kind,
        payment_id as event_key,
        cast(pay_date as timestamp) as event_time,
        0 as is_accepted,
        {{ as_text('null') }} as item_kind,
        {{ as_text('null') }} as item_code
    from payments
    where contract_id is not null
),

rooted as (
    select
        events.org_code,
        coalesce(contracts.root_contract_id, events.contract_id) as contract_id,
        events.kind,
        events.event_key,
        events.event_time,
        events.is_accepted,
        events.item_kind,
        events.item_code
    from events
    left join contracts
        on
            events.org_code = contracts.org_code
            and events.contract_id = contracts.contract_id
)

select * from rooted
