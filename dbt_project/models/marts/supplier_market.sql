-- Grain: one organisation, category of purchases, year and level (distributor or manufacturer): how the market is shared.
-- Rule: figures of peer_market_concentration; the leading company is the largest seller of the leading group of
-- affiliates. Source: peer_market_concentration, core.fct_purchase_line.
with markets as (
    select * from {{ ref('peer_market_concentration') }}
),

purchase_lines as (
    select * from {{ ref('fct_purchase_line') }}
    where not is_vbp_selected and category_code is not null
),

sellers as (
    select
        org_code,
        category_code,
        order_year,
        'distributor' as company_level,
        supplier_group_id as company_group_id,
        coalesce(supplier_name, supplier_code) as company_name,
        sum(amount) as amount
    from purchase_lines
    group by org_code, category_code, order_year, supplier_group_id, coalesce(supplier_name, supplier_code)
    union all
    select
        org_code,
        category_code,
        order_year,
        'manufacturer' as company_level,
        manufacturer_group_id as company_group_id,
        coalesce(manufacturer_name, manufacturer_uscc) as company_name,
        sum(amount) as amount
    from purchase_lines
    group by org_code, category_code, order_year, manufacturer_group_id, coalesce(manufacturer_name, manufacturer_uscc)
),

ranked as (
    select
        sellers.*,
        row_number() over (
            partition by org_code, category_code, order_year, company_level, company_group_id
            order by amount desc, company_name
        ) as place
    from sellers
),

labels as (
    select * from {{ ref('code_label') }}
),

typed as (
    select
        cast(markets.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(coalesce(district_label.label_zh, organisations.district_code) as varchar(60)) as district_name,
        cast(level_label.label_zh as varchar(60)) as org_level_zh,
        cast(markets.category_code as varchar(60)) as category_code,
        cast(coalesce(categories.category_label, markets.category_code) as varchar(300)) as category_label,
        cast(markets.order_year as integer) as order_year,
        cast(markets.company_level as varchar(20)) as company_level,
        cast(company_label.label_zh as varchar(60)) as company_level_zh,
        cast(markets.order_lines as integer) as order_lines,
        cast(markets.amount as numeric(18, 2)) as amount,
        cast(markets.known_share as numeric(9, 6)) as known_share,
        cast(markets.companies as integer) as companies,
        cast(markets.regional_companies as integer) as regional_companies,
        cast(ranked.company_name as varchar(200)) as top_company_name,
        cast(markets.cr1 as numeric(9, 6)) as cr1,
        cast(markets.cr3 as numeric(9, 6)) as cr3,
        cast(markets.cr4 as numeric(9, 6)) as cr4,
        cast(markets.hhi as numeric(18, 4)) as hhi,
        cast(markets.effective_companies as numeric(18, 4)) as effective_companies,
        cast(markets.other_orgs as integer) as other_orgs,
        cast(markets.regional_hhi as numeric(18, 4)) as regional_hhi,
        cast(markets.regional_cr1 as numeric(9, 6)) as regional_cr1
    from markets
    left join ranked
        on
            markets.org_code = ranked.org_code
            and markets.category_code = ranked.category_code
            and markets.order_year = ranked.order_year
            and markets.company_level = ranked.company_level
            and markets.top_company_group_id = ranked.company_group_id
            and ranked.place = 1
    left join {{ ref('dim_purchase_category') }} as categories
        on
            markets.org_code = categories.org_code
            and markets.category_code = categories.category_code
    left join {{ ref('dim_organisation') }} as organisations on markets.org_code = organisations.org_code
    left join labels as level_label
        on
            organisations.org_level = level_label.code
            and level_label.code_set = 'org_level'
    left join labels as district_label
        on
            organisations.district_code = district_label.code
            and district_label.code_set = 'district'
    left join labels as company_label
        on
            markets.company_level = company_label.code
            and company_label.code_set = 'market_side'
)

select * from typed
