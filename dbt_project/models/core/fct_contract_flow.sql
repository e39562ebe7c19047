-- Grain: one contract on which anything was ordered, delivered, invoiced or paid.
-- Rule: a cancelled order is none; a supplier return lowers what was received. An invoice belongs to the contract of its
-- delivery's order, else to that of its payment. Used is the first month, from that of the first delivery on, in which the
-- stock book issues an item that the contract brought. What was paid on a supplement counts to its first contract.
with contracts as (
    select * from {{ ref('fct_contract_row') }}
),

order_lines as (
    select
        org_code,
        contract_id,
        order_id,
        line_no,
        order_time,
        amount
    from {{ ref('fct_order_stage') }}
    where contract_id is not null
),

received as (
    select
        receipts.org_code,
        order_lines.contract_id,
        receipts.receipt_id,
        receipts.receipt_time,
        receipts.amount,
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
        org_code,
        receipt_id,
        min(contract_id) as contract_id
    from received
    group by org_code, receipt_id
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
        coalesce(delivered_contracts.contract_id, paid_contracts.contract_id) as contract_id,
        invoices.invoice_date,
        invoices.amount
    from {{ ref('stg_procurement__invoice') }} as invoices
    left join delivered_contracts
        on
            invoices.org_code = delivered_contracts.org_code
            and invoices.receipt_id = delivered_contracts.receipt_id
    left join paid_contracts
        on
            invoices.org_code = paid_contracts.org_code
            and invoices.invoice_key = paid_contracts.invoice_key
    where invoices.chain_level = 2
),

first_receipts as (
    select
        org_code,
        contract_id,
        item_kind,
        item_code,
        {{ month_of('min(receipt_time)') }} as first_month
    from received
    group by org_code, contract_id, item_kind, item_code
),

issued_items as (
    select
        org_code,
        item_kind,
        item_code,
        month_start
    from {{ ref('stg_procurement__stock_month') }}
    where out_qty > 0
    group by org_code, item_kind, item_code, month_start
),

used as (
    select
        first_receipts.org_code,
        first_receipts.contract_id,
        min(issued_items.month_start) as first_use_month
    from first_receipts
    inner join issued_items
        on
            first_receipts.org_code = issued_items.org_code
            and first_receipts.item_kind = issued_items.item_kind
            and first_receipts.item_code = issued_items.item_code
            and issued_items.month_start >= first_receipts.first_month
    group by first_receipts.org_code, first_receipts.contract_id
),

-- One row a thing that happened on a contract; sums over each kind follow.
events as (
    select
        org_code,
        contract_id,
        'order' as kind,
        order_time as event_time,
        amount,
        0 as is_accepted
    from order_lines
    union all
    select
        org_code,
        contract_id,
        'receipt' as kind,
        receipt_time as event_time,
        amount,
        case when acceptor_code is not null then 1 else 0 end as is_accepted
    from received
    union all
    select
        org_code,
        contract_id,
        'invoice' as kind,
        cast(invoice_date as timestamp) as event_time,
        amount,
        0 as is_accepted
    from invoices
    where contract_id is not null
    union all
    select
        org_code,
        contract_id,
        'payment' as kind,
        cast(pay_date as timestamp) as event_time,
        amount,
        0 as is_accepted
    from payments
    where contract_id is not null
),

rooted as (
    select
        events.org_code,
        coalesce(contracts.root_contract_id, events.contract_id) as contract_id,
        events.kind,
        events.event_time,
        events.amount,
        events.is_accepted
    from events
    left join contracts
        on
            events.org_code = contracts.org_code
            and events.contract_id = contracts.contract_id
),

summed as (
    select
        org_code,
        contract_id,
        {%- for kind, plural, count in [
            ('order', 'ordered', 'order_lines'),
            ('receipt', 'received', 'receipt_lines'),
            ('invoice', 'invoiced', 'invoice_count'),
            ('payment', 'paid', 'payment_count'),
        ] %}
        count(case when kind = '{{ kind }}' then 1 end) as {{ count }},
        sum(case when kind = '{{ kind }}' then amount end) as {{ plural }}_amount,
        min(case when kind = '{{ kind }}' then event_time end) as first_{{ kind }}_time,
        {%- endfor %}
        sum(is_accepted) as accepted_lines
    from rooted
    group by org_code, contract_id
),

flows as (
    select
        summed.org_code,
        summed.contract_id,
        summed.order_lines,
        summed.ordered_amount,
        summed.first_order_time,
        summed.receipt_lines,
        summed.accepted_lines,
        summed.received_amount,
        summed.first_receipt_time,
        summed.invoice_count,
        summed.invoiced_amount,
        cast(summed.first_invoice_time as date) as first_invoice_date,
        summed.payment_count,
        summed.paid_amount,
        cast(summed.first_payment_time as date) as first_payment_date,
        used.first_use_month
    from summed
    left join used
        on
            summed.org_code = used.org_code
            and summed.contract_id = used.contract_id
)

select * from flows
