-- Grain: one invoice of the supply chain; level 2 is the one to the hospital. Source: land.pr_invoice.
with latest as (
    {{ latest_version('pr_invoice', ['invoice_key']) }}
),

typed as (
    select
        org_code,
        invoice_key,
        cast(chain_level as integer) as chain_level,
        nullif(trim(invoice_code), '') as invoice_code,
        invoice_no,
        seller_uscc,
        nullif(trim(parent_invoice_key), '') as parent_invoice_key,
        invoice_date,
        cast(amount as numeric(18, 2)) as amount,
        nullif(trim(receipt_id), '') as receipt_id,
        _batch_id as batch_id
    from latest
)

select * from typed
