-- Grain: one organisation, category, year, level (distributor or manufacturer) and company group.
-- Rule: the group's part of the category's purchases without volume-based-purchasing lines, affiliates
-- merged; exclusive_amount is what it sold of drugs that only one manufacturer offers in the region.
-- Source: core.fct_purchase_line.
with purchase_lines as (
    select * from {{ ref('fct_purchase_line') }}
    where not is_vbp_selected and category_code is not null
),

exclusive_products as (
    select
        order_year,
        generic_name
    from purchase_lines
    where item_kind = 'drug' and generic_name is not null
    group by order_year, generic_name
    having count(distinct manufacturer_group_id) = 1
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
        purchase_lines.amount,
        case when exclusive_products.generic_name is not null then purchase_lines.amount else 0 end
            as exclusive_amount
    from purchase_lines
    cross join (values ('distributor'), ('manufacturer')) as level (company_level)
    left join exclusive_products
        on
            exclusive_products.order_year = purchase_lines.order_year
            and exclusive_products.generic_name = purchase_lines.generic_name
            and purchase_lines.item_kind = 'drug'
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
    from levelled_lines
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
