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

levelled as (
    select
        market_lines.org_code,
        market_lines.market_kind,
        market_lines.market_code,
        market_lines.order_year,
        market_lines.order_half,
        level.company_level,
        case level.company_level when 'distributor' then market_lines.supplier_group_id else market_lines.manufacturer_group_id end
            as company_group_id,
        market_lines.order_id,
        market_lines.amount
    from market_lines
    cross join (values ('distributor'), ('manufacturer')) as level (company_level)
),

order_sums as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        order_half,
        company_level,
        company_group_id,
        order_id,
        sum(amount) as amount
    from levelled
    where company_group_id is not null
    group by org_code, market_kind, market_code, order_year, order_half, company_level, company_group_id, order_id
),

-- An order of several companies counts with the first of them only.
counted_orders as (
    select
        order_sums.*,
        case
            when
                row_number() over (
                    partition by org_code, market_kind, market_code, order_year, order_half, company_level, order_id
                    order by company_group_id
                ) = 1
                then 1
            else 0
        end as orders
    from order_sums
),

half_years as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        order_half,
        company_level,
        company_group_id,
        sum(orders) as orders,
        sum(amount) as amount,
        sum(amount * amount) as squared_amount
    from counted_orders
    group by org_code, market_kind, market_code, order_year, order_half, company_level, company_group_id
),

sided as (
    select
        half_years.*,
        'year' as basis,
        'now' as side,
        order_year as judged_year
    from half_years
    union all
    select
        half_years.*,
        'year' as basis,
        'before' as side,
        order_year + 1 as judged_year
    from half_years
    union all
    select
        half_years.*,
        'half_year' as basis,
        case order_half when 2 then 'now' else 'before' end as side,
        order_year as judged_year
    from half_years
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
        sum(orders) as orders,
        sum(amount) as amount,
        sum(squared_amount) as squared_amount
    from sided
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
        sum(company_sums.orders) as orders,
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
        max(case when basis = 'year' and side = 'now' then orders end) as year_orders_now,
        max(case when basis = 'year' and side = 'before' then orders end) as year_orders_before,
        max(case when basis = 'year' and side = 'now' then hhi_adjusted end)
        - max(case when basis = 'year' and side = 'before' then hhi_adjusted end) as year_hhi_change,
        max(case when basis = 'year' and side = 'now' then top_share end) as year_share_now,
        max(case when basis = 'year' and side = 'before' then top_share end) as year_share_before,
        max(case when basis = 'half_year' and side = 'now' then orders end) as half_orders_now,
        max(case when basis = 'half_year' and side = 'before' then orders end) as half_orders_before,
        max(case when basis = 'half_year' and side = 'now' then hhi_adjusted end)
        - max(case when basis = 'half_year' and side = 'before' then hhi_adjusted end) as half_hhi_change,
        max(case when basis = 'half_year' and side = 'now' then top_share end) as half_share_now,
        max(case when basis = 'half_year' and side = 'before' then top_share end) as half_share_before
    from adjusted
    group by org_code, market_kind, market_code, judged_year, company_level
),

judged as (
    select
        markets.org_code,
        markets.market_kind,
        markets.market_code,
        markets.order_year,
        markets.company_level,
        case
            when least(coalesce(compared.year_orders_now, 0), coalesce(compared.year_orders_before, 0)) >= min_orders.value
                then 'year'
            when least(coalesce(compared.half_orders_now, 0), coalesce(compared.half_orders_before, 0)) >= min_orders.value
                then 'half_year'
        end as trend_basis,
        case
            when compared.year_orders_before is null and compared.half_orders_before is null then 'no_earlier_period'
            else 'below_volume'
        end as reason,
        compared.year_hhi_change,
        compared.year_share_now,
        compared.year_share_before,
        compared.half_hhi_change,
        compared.half_share_now,
        compared.half_share_before
    from markets
    left join compared
        on
            markets.org_code = compared.org_code
            and markets.market_kind = compared.market_kind
            and markets.market_code = compared.market_code
            and markets.judged_year = compared.judged_year
            and markets.company_level = compared.company_level
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
