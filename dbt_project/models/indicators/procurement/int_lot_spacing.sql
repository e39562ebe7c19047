-- Grain: one lot with at least three valid bids: how evenly its prices are spaced and which are equal.
-- Rule: diff_cv is the coefficient of variation of the gaps between neighbouring prices, ratio_cv that of the
-- logarithms of their ratios, both of distinct prices; n - 1 in the deviation. is_rounded: all prices are multiples
-- of PR06.rounding_unit and their mean gap is at most PR06.rounding_gaps such units.
-- Source: core.fct_bid.
with bids as (
    select
        org_code,
        lot_key,
        open_month,
        bid_key,
        case when bid_amount > 0 then bid_amount end as bid_amount
    from {{ ref('fct_bid') }}
    where is_valid
),

prices as (
    select
        org_code,
        lot_key,
        open_month,
        bid_amount,
        count(*) as bids_at_price,
        lag(bid_amount) over (partition by org_code, lot_key order by bid_amount) as price_before
    from bids
    group by org_code, lot_key, open_month, bid_amount
),

gaps as (
    select
        prices.*,
        {{ as_double('bid_amount - price_before') }} as gap,
        ln({{ as_double('bid_amount') }} / {{ as_double('price_before') }}) as log_ratio,
        rounding_unit.value as rounding_unit,
        rounding_gaps.value as rounding_gaps
    from prices
    {{ threshold_join('rounding_unit', 'PR06', 'rounding_unit', 'prices.org_code', 'prices.open_month') }}
    {{ threshold_join('rounding_gaps', 'PR06', 'rounding_gaps', 'prices.org_code', 'prices.open_month') }}
),

spaced as (
    select
        org_code,
        lot_key,
        open_month,
        cast(sum(bids_at_price) as integer) as bids,
        cast(sum(case when bid_amount is not null then bids_at_price else 0 end) as integer) as priced_bids,
        cast(count(bid_amount) as integer) as prices,
        cast(sum(case when bid_amount is not null and bids_at_price > 1 then bids_at_price else 0 end) as integer) as equal_bids,
        cast(stddev_samp(gap) / nullif(avg(gap), 0) as numeric(18, 8)) as diff_cv,
        cast(stddev_samp(log_ratio) / nullif(avg(log_ratio), 0) as numeric(18, 8)) as ratio_cv,
        sum(case when mod(bid_amount, rounding_unit) <> 0 then 1 else 0 end) = 0
        and coalesce(avg(gap), 0) <= max(rounding_unit) * max(rounding_gaps) as is_rounded
    from gaps
    group by org_code, lot_key, open_month
    having sum(bids_at_price) >= 3
)

select * from spaced
