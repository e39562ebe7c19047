-- Grain: one line of a bid. Source: land.pr_bid_item.
with latest as (
    {{ latest_version('pr_bid_item', ['project_id', 'lot_no', 'supplier_code', 'line_no']) }}
),

typed as (
    select
        org_code,
        project_id,
        lot_no,
        supplier_code,
        line_no,
        item_desc,
        cast(qty as numeric(16, 4)) as qty,
        cast(unit_price as numeric(16, 6)) as unit_price,
        cast(amount as numeric(18, 2)) as amount,
        _batch_id as batch_id
    from latest
)

select * from typed
