-- Grain: one store, item, batch number and month of stock.
with balances as (
    select
        org_code,
        store_code,
        item_kind,
        item_code,
        batch_no,
        month_start,
        opening_qty,
        in_qty,
        out_qty,
        closing_qty,
        counted_qty,
        batch_id
    from {{ ref('stg_procurement__stock_month') }}
)

select * from balances
