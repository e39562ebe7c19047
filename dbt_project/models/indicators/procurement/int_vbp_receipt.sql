-- Grain: one delivery line of a product that an agreement is about, within the agreement's period.
-- Rule: what was paid for a product that was not selected, beyond the selected price, is at risk.
-- Source: core.fct_goods_received, int_vbp_product.
with products as (
    select * from {{ ref('int_vbp_product') }}
),

receipts as (
    select * from {{ ref('fct_goods_received') }}
),

delivered as (
    select
        products.org_code,
        products.subject_id,
        products.period_start,
        products.is_selected,
        receipts.line_key,
        receipts.qty_min_unit,
        cast(
            case
                when not products.is_selected
                    then greatest(receipts.amount - products.selected_price * receipts.qty_min_unit, 0)
                else 0
            end as numeric(18, 2)
        ) as excess_amount
    from products
    inner join receipts
        on
            products.org_code = receipts.org_code
            and products.item_kind = receipts.item_kind
            and products.item_code = receipts.item_code
            and cast(receipts.receipt_time as date) between products.period_start and products.counted_until
)

select * from delivered
