-- Grain: one store, item, batch number and month of stock. Source: land.pr_stock_month.
with latest as (
    {{ latest_version('pr_stock_month', ['store_code', 'item_kind', 'item_code', 'batch_no', 'month_start']) }}
),

typed as (
    select
        org_code,
        store_code,
        item_kind,
        item_code,
        batch_no,
        month_start,
        cast(opening_qty as numeric(18, 4)) as opening_qty,
        cast(in_qty as numeric(18, 4)) as in_qty,
        cast(out_qty as numeric(18, 4)) as out_qty,
        cast(closing_qty as numeric(18, 4)) as closing_qty,
        cast(counted_qty as numeric(18, 4)) as counted_qty,
        _batch_id as batch_id
    from latest
)

select * from typed
