-- Grain: one organisation, category, year, level (distributor or manufacturer) and company group.
-- Rule: the group's part of the category's purchases without volume-based-purchasing lines, affiliates
-- merged; exclusive_amount is what it sold of drugs that only one group of its level offers in the region.
-- Source: core.fct_purchase_line.
with purchase_lines as (
    select * from {{ ref('fct_purchase_line') }}
    where not is_vbp_selected and category_code is not null
),

levelled_lines as (
    select
        purchase_lines.org_code,
        purchase_lines.category_code,
        purchase_lines.order_year,
        level.company_level,
        case level.company_level
            when 'distributor' then purchase_lines.supplier_group_id
            else purchase_lines.manufacturer_group_id
        end as company_group_id,
        case when purchase_lines.item_kind = 'drug' then purchase_lines.generic_name end as generic_name,
        purchase_lines.amount
    from purchase_lines
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

groups as (
    select
        org_code,
        category_code,
        order_year,
        company_level,
        company_group_id,
        count(*) as order_lines,
        cast(sum(amount) as numeric(18, 2)) as amount,
        cast(sum(exclusive_amount) as numeric(18, 2)) as exclusive_amount
    from marked_lines
    group by org_code, category_code, order_year, company_level, company_group_id
),

shares as (
    select
        groups.*,
        case when company_group_id is not null then amount end
        / nullif(sum(case when company_group_id is not null then amount end) over market, 0) as share,
        row_number() over (
            partition by org_code, category_code, order_year, company_level
            order by case when company_group_id is null then 1 else 0 end, amount desc, company_group_id
        ) as share_rank
    from groups
    window market as (partition by org_code, category_code, order_year, company_level)
)

select * from shares
