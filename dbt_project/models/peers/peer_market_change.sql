-- Grain: one organisation, market, year and level (distributor or manufacturer).
-- Rule: how the market changed since the year before; where that has too few orders (PR01.min_orders_year in either
-- period), in the second half of the year since the first. HHI adjusted for few orders, and the share of the company that
-- leads the year. trend_reason says why nothing is compared: no_earlier_period where neither has an order before,
-- below_volume else.
-- Source: peer_market_line, peer_market_concentration.
with market_lines as (
    select * from {{ ref('peer_market_line') }}
),

markets as (
    select
        concentrations.*,
        order_year as judged_year
    from {{ ref('peer_market_concentration') }} as concentrations
),

sided as (
    select
        market_lines.*,
        'year' as basis,
        'now' as side,
        order_year as judged_year
    from market_lines
    union all
    select
        market_lines.*,
        'year' as basis,
        'before' as side,
        order_year + 1 as judged_year
    from market_lines
    union all
    select
        market_lines.*,
        'half_year' as basis,
        case order_half when 2 then 'now' else 'before' end as side,
        order_year as judged_year
    from market_lines
),

levelled as (
    select
        sided.org_code,
        sided.market_kind,
        sided.market_code,
        sided.judged_year,
        level.company_level,
        sided.basis,
        sided.side,
        case level.company_level when 'distributor' then sided.supplier_group_id else sided.manufacturer_group_id end
            as company_group_id,
        sided.order_id,
        sided.amount
    from sided
    cross join (values ('distributor'), ('manufacturer')) as level (company_level)
),

order_sums as (
    select
        org_code,
        market_kind,
        market_code,
        judged_year,
        company_level,
        basis,
        side,
        company_group_id,
        order_id,
        sum(amount) as amount
    from levelled
    where company_group_id is not null
    group by org_code, market_kind, market_code, judged_year, company_level, basis, side, company_group_id, order_id
),

order_counts as (
    select
        org_code,
        market_kind,
        market_code,
        judged_year,
        company_level,
        basis,
        side,
        count(distinct order_id) as orders
    from order_sums
    group by org_code, market_kind, market_code, judged_year, company_level, basis, side
),

company_sums as (
    select
        org_code,
        market_kind,
        market_code,
        judged_year,
        company_level,
        basis,
        side,
        company_group_id,
        sum(amount) as amount,
        sum(amount * amount) as squared_amount
    from order_sums
    group by org_code, market_kind, market_code, judged_year, company_level, basis, side, company_group_id
),

periods as (
    select
        company_sums.org_code,
        company_sums.market_kind,
        company_sums.market_code,
        company_sums.judged_year,
        company_sums.company_level,
        company_sums.basis,
        company_sums.side,
        max(order_counts.orders) as orders,
        sum(company_sums.amount * company_sums.amount) / nullif(sum(company_sums.amount) * sum(company_sums.amount), 0)
            as concentration,
        sum(company_sums.squared_amount) / nullif(sum(company_sums.amount) * sum(company_sums.amount), 0) as chance,
        sum(case when company_sums.company_group_id = markets.top_company_group_id then company_sums.amount else 0 end)
        / nullif(sum(company_sums.amount), 0) as top_share
    from company_sums
    inner join markets
        on
            company_sums.org_code = markets.org_code
            and company_sums.market_kind = markets.market_kind
            and company_sums.market_code = markets.market_code
            and company_sums.judged_year = markets.judged_year
            and company_sums.company_level = markets.company_level
    inner join order_counts
        on
            company_sums.org_code = order_counts.org_code
            and company_sums.market_kind = order_counts.market_kind
            and company_sums.market_code = order_counts.market_code
            and company_sums.judged_year = order_counts.judged_year
            and company_sums.company_level = order_counts.company_level
            and company_sums.basis = order_counts.basis
            and company_sums.side = order_counts.side
    group by
        company_sums.org_code,
        company_sums.market_kind,
        company_sums.market_code,
        company_sums.judged_year,
        company_sums.company_level,
        company_sums.basis,
        company_sums.side
),

adjusted as (
    select
        periods.*,
        {{ not_below_zero('(concentration - chance) / nullif(1 - chance, 0)') }} * 10000 as hhi_adjusted
    from periods
),

compared as (
    select
        org_code,
        market_kind,
        market_code,
        judged_year,
        company_level,
        basis,
        max(case side when 'now' then orders end) as orders_now,
        max(case side when 'before' then orders end) as orders_before,
        max(case side when 'now' then hhi_adjusted end) - max(case side when 'before' then hhi_adjusted end) as hhi_change,
        max(case side when 'now' then top_share end) as top_share_now,
        max(case side when 'before' then top_share end) as top_share_before
    from adjusted
    group by org_code, market_kind, market_code, judged_year, company_level, basis
),

judged as (
    select
        markets.org_code,
        markets.market_kind,
        markets.market_code,
        markets.order_year,
        markets.company_level,
        case
            when least(coalesce(years.orders_now, 0), coalesce(years.orders_before, 0)) >= min_orders.value then 'year'
            when least(coalesce(halves.orders_now, 0), coalesce(halves.orders_before, 0)) >= min_orders.value then 'half_year'
        end as trend_basis,
        case
            when years.orders_before is null and halves.orders_before is null then 'no_earlier_period'
            else 'below_volume'
        end as reason,
        years.hhi_change as year_hhi_change,
        years.top_share_now as year_share_now,
        years.top_share_before as year_share_before,
        halves.hhi_change as half_hhi_change,
        halves.top_share_now as half_share_now,
        halves.top_share_before as half_share_before
    from markets
    left join compared as years
        on
            years.org_code = markets.org_code
            and years.market_kind = markets.market_kind
            and years.market_code = markets.market_code
            and years.judged_year = markets.judged_year
            and years.company_level = markets.company_level
            and years.basis = 'year'
    left join compared as halves
        on
            halves.org_code = markets.org_code
            and halves.market_kind = markets.market_kind
            and halves.market_code = markets.market_code
            and halves.judged_year = markets.judged_year
            and halves.company_level = markets.company_level
            and halves.basis = 'half_year'
    {{ threshold_join('min_orders', 'PR01', 'min_orders_year', 'markets.org_code', 'markets.year_start') }}
),

changes as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        company_level,
        trend_basis,
        case when trend_basis is null then reason end as trend_reason,
        cast(case trend_basis when 'year' then year_hhi_change when 'half_year' then half_hhi_change end as numeric(18, 4))
            as hhi_change,
        cast(case trend_basis when 'year' then year_share_before when 'half_year' then half_share_before end as numeric(18, 8))
            as top_share_before,
        cast(case trend_basis when 'year' then year_share_now when 'half_year' then half_share_now end as numeric(18, 8))
            as top_share_now
    from judged
)

select * from changes
