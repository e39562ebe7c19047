-- Grain: one organisation, market, year, level (distributor or manufacturer) and company group.
-- Rule: the group's part of the market's purchases, by value and by order lines, affiliates merged; exclusive_amount is
-- what it sold of drugs that only one group of its level offers in the region. squared_amount adds up the squares of the
-- single orders: how few and how unequal orders made the share.
-- Source: peer_market_line.
with levelled_lines as (
    select
        market_lines.org_code,
        market_lines.market_kind,
        market_lines.market_code,
        market_lines.category_code,
        market_lines.dept_code,
        market_lines.person_code,
        market_lines.order_year,
        level.company_level,
        case level.company_level
            when 'distributor' then market_lines.supplier_group_id
            else market_lines.manufacturer_group_id
        end as company_group_id,
        market_lines.order_id,
        market_lines.generic_name,
        market_lines.line_part,
        market_lines.amount
    from {{ ref('peer_market_line') }} as market_lines
    cross join (values ('distributor'), ('manufacturer')) as level (company_level)
),

exclusive_products as (
    select
        company_level,
        order_year,
        generic_name
    from levelled_lines
    where generic_name is not null
    group by company_level, order_year, generic_name
    having count(distinct company_group_id) = 1
),

marked_lines as (
    select
        levelled_lines.*,
        case when exclusive_products.generic_name is not null then levelled_lines.amount else 0 end
            as exclusive_amount
    from levelled_lines
    left join exclusive_products
        on
            exclusive_products.company_level = levelled_lines.company_level
            and exclusive_products.order_year = levelled_lines.order_year
            and exclusive_products.generic_name = levelled_lines.generic_name
),

orders as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        company_level,
        company_group_id,
        order_id,
        min(category_code) as category_code,
        min(dept_code) as dept_code,
        min(person_code) as person_code,
        sum(line_part) as order_lines,
        sum(amount) as amount,
        sum(exclusive_amount) as exclusive_amount
    from marked_lines
    group by org_code, market_kind, market_code, order_year, company_level, company_group_id, order_id
),

groups as (
    select
        org_code,
        market_kind,
        market_code,
        order_year,
        company_level,
        company_group_id,
        min(category_code) as category_code,
        min(dept_code) as dept_code,
        min(person_code) as person_code,
        cast(sum(order_lines) as numeric(18, 4)) as order_lines,
        cast(sum(amount) as numeric(18, 4)) as amount,
        cast(sum(exclusive_amount) as numeric(18, 4)) as exclusive_amount,
        cast(sum(amount * amount) as numeric(38, 8)) as squared_amount
    from orders
    group by org_code, market_kind, market_code, order_year, company_level, company_group_id
),

shares as (
    select
        groups.*,
        case when company_group_id is not null then amount end
        / nullif(sum(case when company_group_id is not null then amount end) over market, 0) as share,
        cast(
            case when company_group_id is not null then order_lines end
            / nullif(sum(case when company_group_id is not null then order_lines end) over market, 0) as numeric(18, 8)
        ) as line_share,
        row_number() over (
            partition by org_code, market_kind, market_code, order_year, company_level
            order by case when company_group_id is null then 1 else 0 end, amount desc, company_group_id
        ) as share_rank
    from groups
    window market as (partition by org_code, market_kind, market_code, order_year, company_level)
)

select * from shares
