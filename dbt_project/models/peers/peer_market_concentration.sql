-- Grain: one organisation, market, year and level (distributor or manufacturer).
-- Rule: HHI (0 to 10 000), shares of the largest one, three and four companies, effective number of companies 10 000 / HHI,
-- by value, and HHI and largest share by order lines. Few orders look concentrated by chance alone: of orders with the
-- parts w of the value, drawn one by one from a market of concentration h, the expected one is h + (1 - h) sum(w^2);
-- hhi_adjusted takes that off, null for a single order. Beside a category or an item stands the median of the other
-- organisations that buy it, also of the share that the leading company has there; beside the market of a department or a
-- person that of the organisation's whole category.
-- Source: peer_supplier_share, peer_market_line.
with shares as (
    select * from {{ ref('peer_supplier_share') }}
),

sums as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        company_level,
        min(category_code) as category_code,
        min(dept_code) as dept_code,
        min(person_code) as person_code,
        sum(order_lines) as order_lines,
        sum(amount) as amount,
        sum(case when company_group_id is not null then amount else 0 end) / nullif(sum(amount), 0) as known_share,
        count(company_group_id) as companies,
        max(case when share_rank = 1 then company_group_id end) as top_company_group_id,
        max(case when share_rank = 1 then exclusive_amount end)
        / nullif(max(case when share_rank = 1 then amount end), 0) as top_exclusive_share,
        sum(share * share) as concentration,
        max(share) as cr1,
        sum(case when share_rank <= 3 then share end) as cr3,
        sum(case when share_rank <= 4 then share end) as cr4,
        sum(line_share * line_share) * 10000 as hhi_lines,
        max(line_share) as cr1_lines,
        sum(case when company_group_id is not null then squared_amount end)
        / nullif(sum(case when company_group_id is not null then amount end), 0)
        / nullif(sum(case when company_group_id is not null then amount end), 0) as chance
    from shares
    group by org_code, market_kind, market_code, order_year, company_level
),

markets as (
    select
        sums.*,
        concentration * 10000 as hhi,
        10000 / nullif(concentration * 10000, 0) as effective_companies,
        {{ not_below_zero('(concentration - chance) / nullif(1 - chance, 0)') }} * 10000 as hhi_adjusted
    from sums
),

order_counts as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        cast(count(distinct order_id) as integer) as orders
    from {{ ref('peer_market_line') }}
    group by org_code, market_kind, market_code, order_year
),

regional_companies as (
    select
        market_kind,
        market_code,
        order_year,
        company_level,
        count(distinct company_group_id) as regional_companies
    from shares
    where market_kind in ('category', 'item')
    group by market_kind, market_code, order_year, company_level
),

regional_medians as (
    select
        markets.org_code,
        markets.market_kind,
        markets.market_code,
        markets.order_year,
        markets.company_level,
        count(others.org_code) as other_orgs,
        percentile_cont(0.5) within group (order by others.hhi) as regional_hhi,
        percentile_cont(0.5) within group (order by others.hhi_adjusted) as regional_hhi_adjusted,
        percentile_cont(0.5) within group (order by others.cr1) as regional_cr1,
        percentile_cont(0.5) within group (order by coalesce(same_company.share, 0)) as regional_top_share
    from markets
    inner join markets as others
        on
            others.market_kind = markets.market_kind
            and others.market_code = markets.market_code
            and others.order_year = markets.order_year
            and others.company_level = markets.company_level
            and others.org_code <> markets.org_code
    left join shares as same_company
        on
            same_company.org_code = others.org_code
            and same_company.market_kind = others.market_kind
            and same_company.market_code = others.market_code
            and same_company.order_year = others.order_year
            and same_company.company_level = others.company_level
            and same_company.company_group_id = markets.top_company_group_id
    where markets.market_kind in ('category', 'item')
    group by markets.org_code, markets.market_kind, markets.market_code, markets.order_year, markets.company_level
),

concentrations as (
    select
        markets.org_code,
        markets.market_kind,
        markets.market_code,
        markets.category_code,
        markets.dept_code,
        markets.person_code,
        markets.order_year,
        make_date(markets.order_year, 1, 1) as year_start,
        markets.company_level,
        coalesce(order_counts.orders, 0) as orders,
        cast(markets.order_lines as numeric(18, 4)) as order_lines,
        cast(markets.amount as numeric(18, 2)) as amount,
        markets.known_share,
        markets.companies,
        regional_companies.regional_companies,
        markets.top_company_group_id,
        coalesce(markets.top_exclusive_share, 0) as top_exclusive_share,
        cast(markets.hhi as numeric(18, 4)) as hhi,
        cast(markets.cr1 as numeric(18, 8)) as cr1,
        cast(markets.cr3 as numeric(18, 8)) as cr3,
        cast(markets.cr4 as numeric(18, 8)) as cr4,
        cast(markets.effective_companies as numeric(18, 4)) as effective_companies,
        cast(markets.hhi_lines as numeric(18, 4)) as hhi_lines,
        cast(markets.cr1_lines as numeric(18, 8)) as cr1_lines,
        cast(markets.hhi_adjusted as numeric(18, 4)) as hhi_adjusted,
        cast(10000 / nullif(round(markets.hhi_adjusted, 4), 0) as numeric(18, 4)) as effective_adjusted,
        cast(1 / nullif(markets.chance, 0) as numeric(18, 4)) as effective_orders,
        coalesce(regional_medians.other_orgs, 0) as other_orgs,
        cast(regional_medians.regional_hhi as numeric(18, 4)) as regional_hhi,
        cast(regional_medians.regional_hhi_adjusted as numeric(18, 4)) as regional_hhi_adjusted,
        cast(regional_medians.regional_cr1 as numeric(18, 8)) as regional_cr1,
        cast(regional_medians.regional_top_share as numeric(18, 8)) as regional_top_share,
        cast(whole.hhi as numeric(18, 4)) as hospital_hhi,
        cast(whole.cr1 as numeric(18, 8)) as hospital_cr1
    from markets
    left join order_counts
        on
            order_counts.org_code = markets.org_code
            and order_counts.market_kind = markets.market_kind
            and order_counts.market_code = markets.market_code
            and order_counts.order_year = markets.order_year
    left join regional_companies
        on
            regional_companies.market_kind = markets.market_kind
            and regional_companies.market_code = markets.market_code
            and regional_companies.order_year = markets.order_year
            and regional_companies.company_level = markets.company_level
    left join regional_medians
        on
            regional_medians.org_code = markets.org_code
            and regional_medians.market_kind = markets.market_kind
            and regional_medians.market_code = markets.market_code
            and regional_medians.order_year = markets.order_year
            and regional_medians.company_level = markets.company_level
    left join markets as whole
        on
            markets.market_kind in ('department', 'user', 'decision_maker')
            and whole.market_kind = 'category'
            and whole.org_code = markets.org_code
            and whole.market_code = markets.category_code
            and whole.order_year = markets.order_year
            and whole.company_level = markets.company_level
)

select * from concentrations
