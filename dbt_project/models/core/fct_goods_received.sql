-- Grain: one line of a delivery; what goes back to the supplier is negative.
-- Rule: the price of a smallest unit is the line's amount by its quantity, null where that is not positive.
with receipts as (
    select * from {{ ref('stg_procurement__receipt') }}
),

described as (
    select
        org_code,
        receipt_id || '#' || {{ as_text('line_no') }} as line_key,
        receipt_time,
        {{ month_of('receipt_time') }} as receipt_month,
        supplier_code,
        store_code,
        item_kind,
        item_code,
        batch_no,
        udi,
        qty_min_unit,
        case when qty_min_unit > 0 then cast(amount / qty_min_unit as numeric(18, 6)) end as min_unit_price,
        amount,
        is_gift,
        is_consignment,
        batch_id
    from receipts
)

select * from described
