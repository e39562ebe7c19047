-- Grain: two valid bids of one lot that price at least PR06.min_lines lines in common.
-- Rule: equal_share is the share of lines at the same price. For proportional bids the ratios of the prices of each
-- line are taken, those farthest from their median left out up to 1 less PR06.line_share, and the coefficient of
-- variation of the others is line_cv; equal prices alone are no factor. Fixed rates do not count.
-- Source: core.fct_bid_item.
with bid_lines as (
    select * from {{ ref('fct_bid_item') }}
    where is_valid and not is_fixed_rate
),

ratios as (
    select
        one.org_code,
        one.lot_key,
        one.bid_key as bid_key_a,
        other.bid_key as bid_key_b,
        one.line_no,
        {{ as_double('other.unit_price') }} / {{ as_double('one.unit_price') }} as ratio,
        case when other.unit_price = one.unit_price then 1 else 0 end as is_equal
    from bid_lines as one
    inner join bid_lines as other
        on
            one.org_code = other.org_code
            and one.lot_key = other.lot_key
            and one.line_no = other.line_no
            and one.supplier_code < other.supplier_code
),

medians as (
    select
        org_code,
        bid_key_a,
        bid_key_b,
        count(*) as lines,
        sum(is_equal) as equal_lines,
        percentile_cont(0.5) within group (order by ratio) as median_ratio
    from ratios
    group by org_code, bid_key_a, bid_key_b
),

ordered as (
    select
        ratios.*,
        medians.lines,
        medians.equal_lines,
        row_number() over (
            partition by ratios.org_code, ratios.bid_key_a, ratios.bid_key_b
            order by abs(ratios.ratio / medians.median_ratio - 1), ratios.line_no
        ) as place
    from ratios
    inner join medians
        on
            ratios.org_code = medians.org_code
            and ratios.bid_key_a = medians.bid_key_a
            and ratios.bid_key_b = medians.bid_key_b
),

limited as (
    select
        ordered.*,
        line_share.value as line_share,
        min_lines.value as min_lines
    from ordered
    inner join {{ ref('fct_bid') }} as bids
        on
            ordered.org_code = bids.org_code
            and ordered.bid_key_a = bids.bid_key
    {{ threshold_join('line_share', 'PR06', 'line_share', 'ordered.org_code', 'bids.open_month') }}
    {{ threshold_join('min_lines', 'PR06', 'min_lines', 'ordered.org_code', 'bids.open_month') }}
),

patterns as (
    select
        org_code,
        lot_key,
        bid_key_a,
        bid_key_b,
        cast(max(lines) as integer) as lines,
        cast({{ as_double('max(equal_lines)') }} / max(lines) as numeric(18, 6)) as equal_share,
        cast(case
            when max(equal_lines) < max(lines)
                then
                    stddev_samp(case when place <= ceil(lines * line_share) then ratio end)
                    / avg(case when place <= ceil(lines * line_share) then ratio end)
        end as numeric(18, 8)) as line_cv
    from limited
    group by org_code, lot_key, bid_key_a, bid_key_b
    having max(lines) >= max(min_lines)
)

select * from patterns
