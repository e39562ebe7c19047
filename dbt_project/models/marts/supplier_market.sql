-- Grain: one organisation, market of its purchases, year and level (distributor or manufacturer): how the market is shared.
-- Rule: figures of peer_market_concentration and peer_market_change; the leading company is the largest seller of the leading
-- group of affiliates. reason says why a market's figures are to be read as nothing: nobody known who orders, uses or
-- approves, companies unknown, too small or too few orders (limits of PR01), one company for the whole region (the sole holder
-- of a registration), or too few others that buy the same. Figures stay beside it, so that it can be held against them.
-- Source: peer_market_concentration, peer_market_change, peer_market_line, core.fct_purchase_line.
with concentrations as (
    select * from {{ ref('peer_market_concentration') }}
),

limited as (
    select
        concentrations.*,
        case
            when concentrations.market_kind = 'department' and concentrations.dept_code is null then 'missing_department'
            when concentrations.market_kind = 'user' and concentrations.dept_code is null then 'missing_user'
            when concentrations.market_kind = 'decision_maker' and concentrations.person_code is null
                then 'missing_decision_maker'
            when concentrations.known_share < min_known.value then 'missing_company'
            when concentrations.amount < min_amount.value or concentrations.orders < min_orders.value then 'below_volume'
            when concentrations.market_kind in ('category', 'item') and concentrations.regional_companies <= 1 then 'sole_holder'
            when concentrations.market_kind in ('category', 'item') and concentrations.other_orgs < min_orgs.value
                then 'no_peer_group'
        end as reason
    from concentrations
    {{ threshold_join('min_known', 'PR01', 'min_manufacturer_coverage', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('min_amount', 'PR01', 'min_amount_year', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('min_orders', 'PR01', 'min_orders_year', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('min_orgs', 'PR01', 'min_orgs_region', 'concentrations.org_code', 'concentrations.year_start') }}
),

sold_lines as (
    select
        market_lines.org_code,
        market_lines.market_kind,
        market_lines.market_code,
        market_lines.order_year,
        market_lines.item_code,
        market_lines.amount,
        market_lines.supplier_group_id,
        market_lines.manufacturer_group_id,
        coalesce(purchase_lines.item_name, purchase_lines.item_code) as item_name,
        coalesce(purchase_lines.supplier_name, purchase_lines.supplier_code) as supplier_name,
        coalesce(purchase_lines.manufacturer_name, purchase_lines.manufacturer_uscc) as manufacturer_name
    from {{ ref('peer_market_line') }} as market_lines
    inner join {{ ref('fct_purchase_line') }} as purchase_lines
        on
            market_lines.org_code = purchase_lines.org_code
            and market_lines.line_key = purchase_lines.line_key
),

sellers as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        'distributor' as company_level,
        supplier_group_id as company_group_id,
        supplier_name as company_name,
        sum(amount) as amount
    from sold_lines
    group by org_code, market_kind, market_code, order_year, supplier_group_id, supplier_name
    union all
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        'manufacturer' as company_level,
        manufacturer_group_id as company_group_id,
        manufacturer_name as company_name,
        sum(amount) as amount
    from sold_lines
    group by org_code, market_kind, market_code, order_year, manufacturer_group_id, manufacturer_name
),

ranked as (
    select
        sellers.*,
        row_number() over (
            partition by org_code, market_kind, market_code, order_year, company_level, company_group_id
            order by amount desc, company_name
        ) as place
    from sellers
),

-- A material's code becomes its name, a drug's is one already.
item_names as (
    select
        org_code,
        market_code,
        min(item_name) as item_name
    from sold_lines
    where market_kind = 'item'
    group by org_code, market_code
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
        cast(markets.market_kind as varchar(20)) as market_kind,
        cast(kind_label.label_zh as varchar(60)) as market_kind_zh,
        cast(markets.market_code as varchar(300)) as market_code,
        cast(
            case
                when markets.market_kind <> 'item' then coalesce(categories.category_label, markets.category_code)
                when item_names.item_name is null or markets.market_code like item_names.item_name || '%'
                    then markets.market_code
                else markets.market_code || ' ' || item_names.item_name
            end as varchar(400)
        ) as market_label,
        cast(markets.category_code as varchar(60)) as category_code,
        cast(coalesce(categories.category_label, markets.category_code) as varchar(300)) as category_label,
        cast(coalesce(departments.dept_name, markets.dept_code, markets.person_code) as varchar(200)) as member_label,
        cast(markets.order_year as integer) as order_year,
        cast(markets.company_level as varchar(20)) as company_level,
        cast(company_label.label_zh as varchar(60)) as company_level_zh,
        cast(markets.orders as integer) as orders,
        cast(markets.order_lines as numeric(18, 2)) as order_lines,
        cast(markets.amount as numeric(18, 2)) as amount,
        cast(markets.known_share as numeric(9, 6)) as known_share,
        cast(markets.companies as integer) as companies,
        cast(markets.regional_companies as integer) as regional_companies,
        cast(ranked.company_name as varchar(200)) as top_company_name,
        cast(markets.top_exclusive_share as numeric(9, 6)) as top_exclusive_share,
        cast(markets.cr1 as numeric(9, 6)) as cr1,
        cast(markets.cr3 as numeric(9, 6)) as cr3,
        cast(markets.cr4 as numeric(9, 6)) as cr4,
        cast(markets.hhi as numeric(18, 4)) as hhi,
        cast(markets.effective_companies as numeric(18, 4)) as effective_companies,
        cast(markets.cr1_lines as numeric(9, 6)) as cr1_lines,
        cast(markets.hhi_lines as numeric(18, 4)) as hhi_lines,
        cast(markets.hhi_adjusted as numeric(18, 4)) as hhi_adjusted,
        cast(markets.effective_adjusted as numeric(18, 4)) as effective_adjusted,
        cast(markets.other_orgs as integer) as other_orgs,
        cast(markets.regional_hhi as numeric(18, 4)) as regional_hhi,
        cast(markets.regional_cr1 as numeric(9, 6)) as regional_cr1,
        cast(markets.regional_top_share as numeric(9, 6)) as regional_top_share,
        cast(markets.hospital_hhi as numeric(18, 4)) as hospital_hhi,
        cast(markets.hospital_cr1 as numeric(9, 6)) as hospital_cr1,
        cast(changes.trend_basis as varchar(20)) as trend_basis,
        cast(coalesce(basis_label.label_zh, trend_label.label_zh) as varchar(60)) as trend_zh,
        cast(changes.hhi_change as numeric(18, 4)) as hhi_change,
        cast(changes.top_share_now - changes.top_share_before as numeric(9, 6)) as top_share_change,
        cast(markets.reason as varchar(40)) as reason,
        cast(reason_label.label_zh as varchar(60)) as reason_zh
    from limited as markets
    left join {{ ref('peer_market_change') }} as changes
        on
            markets.org_code = changes.org_code
            and markets.market_kind = changes.market_kind
            and markets.market_code = changes.market_code
            and markets.order_year = changes.order_year
            and markets.company_level = changes.company_level
    left join ranked
        on
            markets.org_code = ranked.org_code
            and markets.market_kind = ranked.market_kind
            and markets.market_code = ranked.market_code
            and markets.order_year = ranked.order_year
            and markets.company_level = ranked.company_level
            and markets.top_company_group_id = ranked.company_group_id
            and ranked.place = 1
    left join item_names
        on
            markets.market_kind = 'item'
            and markets.org_code = item_names.org_code
            and markets.market_code = item_names.market_code
    left join {{ ref('dim_purchase_category') }} as categories
        on
            markets.org_code = categories.org_code
            and markets.category_code = categories.category_code
    left join {{ ref('dim_department') }} as departments
        on
            markets.org_code = departments.org_code
            and markets.dept_code = departments.dept_code
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
    left join labels as kind_label
        on
            markets.market_kind = kind_label.code
            and kind_label.code_set = 'market_kind'
    left join labels as reason_label
        on
            markets.reason = reason_label.code
            and reason_label.code_set = 'market_reason'
    left join labels as basis_label
        on
            changes.trend_basis = basis_label.code
            and basis_label.code_set = 'trend_basis'
    left join labels as trend_label
        on
            changes.trend_reason = trend_label.code
            and trend_label.code_set = 'market_reason'
)

select * from typed
