-- Grain: one delivery line of a product that an agreement is about, within the agreement's period.
-- Rule: what was paid for a product that was not selected, beyond the selected price, is at risk. What went back to the
-- supplier takes its part off again, to nothing at most: more may go back than the period bought.
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
        products.item_kind,
        products.item_code,
        products.is_selected,
        receipts.line_key,
        receipts.qty_min_unit,
        case
            when products.is_selected then 0
            when receipts.qty_min_unit < 0
                then least(receipts.amount - products.selected_price * receipts.qty_min_unit, 0)
            else greatest(receipts.amount - products.selected_price * receipts.qty_min_unit, 0)
        end as excess_amount
    from products
    inner join receipts
        on
            products.org_code = receipts.org_code
            and products.item_kind = receipts.item_kind
            and products.item_code = receipts.item_code
            and cast(receipts.receipt_time as date) between products.period_start and products.counted_until
),

netted as (
    select
        delivered.*,
        sum(qty_min_unit) over (
            partition by org_code, subject_id, period_start, item_kind, item_code
        ) as kept_qty,
        sum(excess_amount) over (
            partition by org_code, subject_id, period_start, item_kind, item_code
        ) as kept_excess
    from delivered
),

kept as (
    select
        org_code,
        subject_id,
        period_start,
        is_selected,
        line_key,
        cast(case when is_selected or kept_qty > 0 then qty_min_unit else 0 end as numeric(18, 4)) as qty_min_unit,
        cast(case when kept_qty > 0 and kept_excess > 0 then excess_amount else 0 end as numeric(18, 2)) as excess_amount
    from netted
)

select * from kept
