-- Grain: one payment, who made and who approved it, and the receipt behind its invoice. Source: land.pr_payment, land.pr_invoice.
with payments as (
    {{ latest_version('pr_payment', ['payment_id']) }}
),

invoices as (
    {{ latest_version('pr_invoice', ['invoice_key']) }}
),

typed as (
    select
        payments.org_code,
        payments.payment_id,
        payments.pay_date,
        nullif(trim(payments.payer_handler_code), '') as payer_handler_code,
        nullif(trim(payments.approver_code), '') as approver_code,
        nullif(trim(invoices.receipt_id), '') as receipt_id,
        payments._batch_id as batch_id
    from payments
    left join invoices
        on
            payments.org_code = invoices.org_code
            and payments.invoice_key = invoices.invoice_key
)

select * from typed
