-- Grain: two suppliers of the region, a calendar year, and a lot of that or the year before for which both bid.
-- Rule: companies, not their records; lots of one bidder alone pair nobody. Each company stands for its smallest
-- code at the organisation. winner is a, b, other or null where nobody won. tender_key is the project of the lot.
-- Source: core.fct_bid.
with bids as (
    select
        org_code,
        lot_key,
        org_code || '|' || project_id as tender_key,
        category_code,
        open_time,
        open_month,
        cast(extract(year from open_time) as integer) as open_year,
        supplier_id,
        min(supplier_code) as supplier_code,
        min(bid_amount) as bid_amount,
        max(case when is_winner then 1 else 0 end) as has_won,
        max(award_amount) as award_amount
    from {{ ref('fct_bid') }}
    group by org_code, lot_key, project_id, category_code, open_time, open_month, extract(year from open_time), supplier_id
),

lots as (
    select
        org_code,
        lot_key,
        cast(count(*) as integer) as bidders,
        max(has_won) as was_won
    from bids
    group by org_code, lot_key
    having count(*) >= 2
),

years as (
    select distinct open_year as bid_year from bids
),

joint as (
    select
        years.bid_year,
        one.org_code,
        one.lot_key,
        one.tender_key,
        one.category_code,
        one.open_time,
        one.open_year,
        one.supplier_id as supplier_a,
        other.supplier_id as supplier_b,
        one.supplier_code as code_a,
        other.supplier_code as code_b,
        lots.bidders,
        case
            when one.has_won = 1 then 'a'
            when other.has_won = 1 then 'b'
            when lots.was_won = 1 then 'other'
        end as winner,
        cast(
            case
                when one.has_won = 1 and other.has_won = 0 then other.bid_amount / nullif(one.bid_amount, 0)
                when other.has_won = 1 and one.has_won = 0 then one.bid_amount / nullif(other.bid_amount, 0)
            end as numeric(18, 6)
        ) as over_winner,
        one.award_amount
    from bids as one
    inner join bids as other
        on
            one.org_code = other.org_code
            and one.lot_key = other.lot_key
            and one.supplier_id < other.supplier_id
    inner join lots
        on
            one.org_code = lots.org_code
            and one.lot_key = lots.lot_key
    inner join years on one.open_year in (years.bid_year - 1, years.bid_year)
)

select * from joint
