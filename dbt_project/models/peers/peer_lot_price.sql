{#- Screens of which a low value speaks for an agreement, and those of which a high one does. -#}
{% set low = ['cv', 'spd', 'cv_losing', 'skew'] %}
{% set high = ['diffp', 'rd', 'rd_alternative', 'kurt'] %}

-- Grain: one lot with at least two valid bids: its price screens and where each stands in its market.
-- Rule: with prices b1 <= … <= bn, L those above the lowest and l1 the lowest of L: cv is the deviation of all over
-- their mean, spd (bn - b1) / b1, diffp (l1 - b1) / b1 (the percentage difference), rd (l1 - b1) / deviation of L
-- (Imhof), rd_alternative (l1 - b1) / mean gap of L, cv_losing the deviation of L over its mean; skewness and excess
-- kurtosis are corrected for small numbers. No cut-off holds everywhere: a market (category of the region) has its
-- own level, so each screen becomes the share of the market's lots that look less agreed, ties half; one that has
-- fewer than PR06.min_market_lots lots with the screen says nothing. screen_place is the mean of what is known.
-- Source: core.fct_bid.
with bids as (
    select
        org_code,
        lot_key,
        category_code,
        open_month,
        {{ as_double('bid_amount') }} as price
    from {{ ref('fct_bid') }}
    where is_valid and bid_amount > 0
),

lots as (
    select
        org_code,
        lot_key,
        category_code,
        open_month,
        count(*) as bids,
        min(price) as lowest,
        max(price) as highest,
        avg(price) as mean_price,
        stddev_samp(price) as deviation
    from bids
    group by org_code, lot_key, category_code, open_month
    having count(*) >= 2
),

losing as (
    select
        bids.org_code,
        bids.lot_key,
        count(*) as losing_bids,
        min(bids.price) as second_price,
        avg(bids.price) as mean_losing,
        stddev_samp(bids.price) as deviation_losing
    from bids
    inner join lots
        on
            bids.org_code = lots.org_code
            and bids.lot_key = lots.lot_key
    where bids.price > lots.lowest
    group by bids.org_code, bids.lot_key
),

moments as (
    select
        bids.org_code,
        bids.lot_key,
        sum(power((bids.price - lots.mean_price) / nullif(lots.deviation, 0), 3)) as third,
        sum(power((bids.price - lots.mean_price) / nullif(lots.deviation, 0), 4)) as fourth
    from bids
    inner join lots
        on
            bids.org_code = lots.org_code
            and bids.lot_key = lots.lot_key
    group by bids.org_code, bids.lot_key
),

screens as (
    select
        lots.org_code,
        lots.lot_key,
        lots.category_code,
        lots.open_month,
        lots.bids,
        cast(lots.deviation / lots.mean_price as numeric(18, 6)) as cv,
        cast((lots.highest - lots.lowest) / lots.lowest as numeric(18, 6)) as spd,
        cast((losing.second_price - lots.lowest) / lots.lowest as numeric(18, 6)) as diffp,
        cast((losing.second_price - lots.lowest) / nullif(losing.deviation_losing, 0) as numeric(18, 6)) as rd,
        cast(
            (losing.second_price - lots.lowest) * (losing.losing_bids - 1)
            / nullif(lots.highest - losing.second_price, 0) as numeric(18, 6)
        ) as rd_alternative,
        cast(losing.deviation_losing / losing.mean_losing as numeric(18, 6)) as cv_losing,
        case
            when lots.bids >= 3
                then cast(moments.third * lots.bids / ((lots.bids - 1.0) * (lots.bids - 2.0)) as numeric(18, 6))
        end as skew,
        case
            when lots.bids >= 4
                then cast(
                    moments.fourth * lots.bids * (lots.bids + 1.0)
                    / ((lots.bids - 1.0) * (lots.bids - 2.0) * (lots.bids - 3.0))
                    - 3.0 * (lots.bids - 1.0) * (lots.bids - 1.0) / ((lots.bids - 2.0) * (lots.bids - 3.0))
                    as numeric(18, 6)
                )
        end as kurt
    from lots
    left join losing
        on
            lots.org_code = losing.org_code
            and lots.lot_key = losing.lot_key
    left join moments
        on
            lots.org_code = moments.org_code
            and lots.lot_key = moments.lot_key
),

ranked as (
    select
        {%- for screen in low + high %}
        count({{ screen }}) over (partition by category_code) as {{ screen }}_lots,
        rank() over (
            partition by category_code, {{ screen }} is null
            order by {{ screen }}{{ ' desc' if screen in low }}
        ) as {{ screen }}_first,
        count(*) over (partition by category_code, {{ screen }}) as {{ screen }}_ties,
        {%- endfor %}
        screens.*
    from screens
),

limited as (
    select
        ranked.*,
        min_lots.value as min_lots
    from ranked
    {{ threshold_join('min_lots', 'PR06', 'min_market_lots', 'ranked.org_code', 'ranked.open_month') }}
),

placed as (
    select
        {%- for screen in low + high %}
        cast(
            case when {{ screen }} is not null and {{ screen }}_lots >= min_lots then 1 end
            * ({{ screen }}_first - 1 + ({{ screen }}_ties - 1) / 2.0) / nullif({{ screen }}_lots - 1, 0) as numeric(9, 6)
        ) as {{ screen }}_place,
        {%- endfor %}
        limited.*
    from limited
),

known as (
    select
        org_code,
        lot_key,
        screen_place
    from (
        {%- for screen in low + high %}
        select
            org_code,
            lot_key,
            {{ screen }}_place as screen_place
        from placed
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as places
    where screen_place is not null
),

means as (
    select
        org_code,
        lot_key,
        avg(screen_place) as screen_place
    from known
    group by org_code, lot_key
),

judged as (
    select
        placed.org_code,
        placed.lot_key,
        placed.category_code,
        placed.open_month,
        cast(placed.bids as integer) as bids,
        cast(placed.cv_lots as integer) as market_lots
        {%- for screen in low + high %},
        placed.{{ screen }},
        placed.{{ screen }}_place
        {%- endfor %},
        cast(means.screen_place as numeric(9, 6)) as screen_place
    from placed
    left join means
        on
            placed.org_code = means.org_code
            and placed.lot_key = means.lot_key
)

select * from judged
