-- Grain: one organisation and category of its purchases.
-- Rule: sources send a code without a name, which differs from platform to platform: a category is named by what
-- is bought in it, the item of the largest amount, and how many items there are.
-- Source: fct_purchase_line.
with item_totals as (
    select
        org_code,
        category_code,
        item_code,
        coalesce(min(item_name), item_code) as item_name,
        sum(amount) as amount
    from {{ ref('fct_purchase_line') }}
    where category_code is not null
    group by org_code, category_code, item_code
),

ranked as (
    select
        item_totals.*,
        row_number() over (
            partition by org_code, category_code
            order by amount desc, item_code
        ) as place,
        count(*) over (partition by org_code, category_code) as item_count
    from item_totals
),

categories as (
    select
        org_code,
        category_code,
        item_name as main_item_name,
        cast(item_count as integer) as item_count,
        case
            when item_count = 1 then category_code || ' ' || item_name
            else category_code || ' ' || item_name || '等' || {{ as_text('item_count') }} || '种'
        end as category_label,
        case
            when item_count = 1 then category_code || ' ' || item_name
            else category_code || ' ' || item_name || ' (' || {{ as_text('item_count') }} || ' items)'
        end as category_label_en
    from ranked
    where place = 1
)

select * from categories
