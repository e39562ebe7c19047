-- Grain: one payment to a supplier.
with payments as (
    select * from {{ ref('stg_procurement__payment') }}
)

select * from payments
