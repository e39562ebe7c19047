-- Grain: one priced line of a bid.
-- Rule: a rate is fixed where at least three bids of the lot quote the line and all at one price, as bills of
-- quantities with rates of the buyer have it: it says nothing about who wrote the bid.
-- Source: stg_procurement__bid_item, fct_bid.
with lines as (
    select * from {{ ref('stg_procurement__bid_item') }}
    where unit_price > 0
),

bids as (
    select * from {{ ref('fct_bid') }}
),

of_bids as (
    select
        bids.org_code,
        bids.lot_key,
        bids.bid_key,
        bids.supplier_code,
        bids.is_valid,
        lines.line_no,
        lines.item_desc,
        lines.unit_price,
        lines.amount,
        lines.batch_id
    from lines
    inner join bids
        on
            lines.org_code = bids.org_code
            and lines.project_id = bids.project_id
            and lines.lot_no = bids.lot_no
            and lines.supplier_code = bids.supplier_code
),

marked as (
    select
        of_bids.*,
        count(*) over line >= 3 and min(unit_price) over line = max(unit_price) over line as is_fixed_rate
    from of_bids
    window line as (partition by org_code, lot_key, line_no)
)

select * from marked
