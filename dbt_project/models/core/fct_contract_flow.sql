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
    from events
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
