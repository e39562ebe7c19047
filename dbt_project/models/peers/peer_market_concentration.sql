-- Grain: one organisation, category, year and level (distributor or manufacturer).
-- Rule: HHI (0 to 10 000), shares of the largest one, three and four companies, effective number of
-- companies 10 000 / HHI; beside them the median of the other organisations that buy the category.
-- Source: peer_supplier_share.
with shares as (
    select * from {{ ref('peer_supplier_share') }}
),

markets as (
    select
        org_code,
        category_code,
        order_year,
        company_level,
        sum(order_lines) as order_lines,
        sum(amount) as amount,
        sum(case when company_group_id is not null then amount else 0 end) / nullif(sum(amount), 0) as known_share,
        count(company_group_id) as companies,
        max(case when share_rank = 1 then company_group_id end) as top_company_group_id,
        max(case when share_rank = 1 then exclusive_amount end)
        / nullif(max(case when share_rank = 1 then amount end), 0) as top_exclusive_share,
        sum(share * share) * 10000 as hhi,
        max(share) as cr1,
        sum(case when share_rank <= 3 then share end) as cr3,
        sum(case when share_rank <= 4 then share end) as cr4,
        10000 / nullif(sum(share * share) * 10000, 0) as effective_companies
    from shares
    group by org_code, category_code, order_year, company_level
),

regional_companies as (
    select
        category_code,
        order_year,
        company_level,
        count(distinct company_group_id) as regional_companies
    from shares
    group by category_code, order_year, company_level
),

regional_medians as (
    select
        markets.org_code,
        markets.category_code,
        markets.order_year,
        markets.company_level,
        count(others.org_code) as other_orgs,
        percentile_cont(0.5) within group (order by others.hhi) as regional_hhi,
        percentile_cont(0.5) within group (order by others.cr1) as regional_cr1
    from markets
    inner join markets as others
        on
            others.category_code = markets.category_code
            and others.order_year = markets.order_year
            and others.company_level = markets.company_level
            and others.org_code <> markets.org_code
    group by markets.org_code, markets.category_code, markets.order_year, markets.company_level
),

concentrations as (
    select
        markets.org_code,
        markets.category_code,
        markets.order_year,
        make_date(markets.order_year, 1, 1) as year_start,
        markets.company_level,
        markets.order_lines,
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
        coalesce(regional_medians.other_orgs, 0) as other_orgs,
        cast(regional_medians.regional_hhi as numeric(18, 4)) as regional_hhi,
        cast(regional_medians.regional_cr1 as numeric(18, 8)) as regional_cr1
    from markets
    left join regional_companies
        on
            regional_companies.category_code = markets.category_code
            and regional_companies.order_year = markets.order_year
            and regional_companies.company_level = markets.company_level
    left join regional_medians
        on
            regional_medians.org_code = markets.org_code
            and regional_medians.category_code = markets.category_code
            and regional_medians.order_year = markets.order_year
            and regional_medians.company_level = markets.company_level
)

select * from concentrations
