-- Grain: one contract on which anything was ordered, delivered, invoiced or paid.
-- Rule: used is the first month, from that of the first delivery on, in which the stock book issues an item that the
-- contract brought.
with events as (
    select * from {{ ref('fct_contract_event') }}
),

first_receipts as (
    select
        org_code,
        contract_id,
        item_kind,
        item_code,
        {{ month_of('min(event_time)') }} as first_month
    from events
    where kind = 'receipt'
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

counted as (
    select
        org_code,
        contract_id,
        count(case when kind = 'order' then 1 end) as order_lines,
        count(case when kind = 'receipt' then 1 end) as receipt_lines,
        count(case when kind = 'invoice' then 1 end) as invoice_count,
        count(case when kind = 'payment' then 1 end) as payment_count,
        cast(min(case when kind = 'invoice' then event_time end) as date) as first_invoice_date,
        cast(min(case when kind = 'payment' then event_time end) as date) as first_payment_date,
        sum(is_accepted) as accepted_lines
    from events
    group by org_code, contract_id
),

flows as (
    select
        counted.org_code,
        counted.contract_id,
        counted.order_lines,
        counted.receipt_lines,
        counted.accepted_lines,
        counted.invoice_count,
        counted.first_invoice_date,
        counted.payment_count,
        counted.first_payment_date,
        used.first_use_month
    from counted
    left join used
        on
            counted.org_code = used.org_code
            and counted.contract_id = used.contract_id
)

select * from flows
