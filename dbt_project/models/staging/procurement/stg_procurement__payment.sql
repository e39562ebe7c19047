-- Grain: one payment to a supplier. Source: land.pr_payment.
with latest as (
    {{ latest_version('pr_payment', ['payment_id']) }}
),

typed as (
    select
        org_code,
        payment_id,
        nullif(trim(contract_id), '') as contract_id,
        nullif(trim(invoice_key), '') as invoice_key,
        supplier_code,
        pay_date,
        payee_account_key,
        nullif(trim(payer_handler_code), '') as payer_handler_code,
        nullif(trim(approver_code), '') as approver_code,
        cast(amount as numeric(18, 2)) as amount,
        _batch_id as batch_id
    from latest
)

select * from typed
