-- Grain: one order, person and role of the chain that the person filled for it.
-- Rule: handler and approver of the order, acceptor and keeper of its receipts, payer and payment approver of the invoices for
-- these receipts. An approver of the order or of the payment is one role. Cancelled orders are left out.
-- Source: core.fct_purchase_line, stg_procurement__receipt, stg_procurement__payment, core.fct_invoice_delivery.
with orders as (
    select
        org_code,
        order_id,
        min(order_month) as order_month,
        min(handler_code) as handler_code,
        min(approver_code) as approver_code
    from {{ ref('fct_purchase_line') }}
    group by org_code, order_id
),

receipts as (
    select * from {{ ref('stg_procurement__receipt') }}
    where qty > 0
),

payments as (
    select
        payments.org_code,
        payments.payer_handler_code,
        payments.approver_code,
        links.receipt_id
    from {{ ref('stg_procurement__payment') }} as payments
    inner join {{ ref('fct_invoice_delivery') }} as links
        on
            payments.org_code = links.org_code
            and payments.invoice_key = links.invoice_key
),

filled as (
    select
        org_code,
        order_id,
        'handler' as role,
        handler_code as staff_code
    from orders
    union
    select
        org_code,
        order_id,
        'approver' as role,
        approver_code as staff_code
    from orders
    union
    select
        org_code,
        order_id,
        'acceptor' as role,
        acceptor_code as staff_code
    from receipts
    union
    select
        org_code,
        order_id,
        'keeper' as role,
        keeper_code as staff_code
    from receipts
    union
    select
        receipts.org_code,
        receipts.order_id,
        'payer' as role,
        payments.payer_handler_code as staff_code
    from receipts
    inner join payments
        on
            payments.org_code = receipts.org_code
            and payments.receipt_id = receipts.receipt_id
    union
    select
        receipts.org_code,
        receipts.order_id,
        'approver' as role,
        payments.approver_code as staff_code
    from receipts
    inner join payments
        on
            payments.org_code = receipts.org_code
            and payments.receipt_id = receipts.receipt_id
),

roles as (
    select
        filled.org_code,
        filled.order_id,
        orders.order_month,
        filled.role,
        filled.staff_code
    from filled
    inner join orders
        on
            orders.org_code = filled.org_code
            and orders.order_id = filled.order_id
    where filled.staff_code is not null
)

select * from roles
