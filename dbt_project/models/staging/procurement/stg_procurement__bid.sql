-- Grain: one bid of a supplier for a lot. Source: land.pr_bid.
with latest as (
    {{ latest_version('pr_bid', ['project_id', 'lot_no', 'supplier_code']) }}
),

typed as (
    select
        org_code,
        project_id,
        lot_no,
        supplier_code,
        bid_time,
        cast(bid_amount as numeric(18, 2)) as bid_amount,
        is_valid,
        is_winner,
        _batch_id as batch_id
    from latest
)

select * from typed
