-- Grain: one piece of a traced material, by its unique identification (UDI), as its first delivery brought it.
-- Source: core.fct_goods_received.
with deliveries as (
    select * from {{ ref('fct_goods_received') }}
    where item_kind = 'material' and udi is not null and qty_min_unit > 0
),

pieces as (
    select
        deliveries.org_code,
        codes.code as udi,
        deliveries.line_key,
        deliveries.item_code,
        deliveries.supplier_code,
        deliveries.receipt_time,
        deliveries.receipt_month,
        deliveries.is_consignment,
        deliveries.batch_id,
        row_number() over (
            partition by deliveries.org_code, codes.code
            order by deliveries.receipt_time, deliveries.line_key
        ) as delivery_no
    from {{ code_rows('deliveries', 'deliveries', 'udi') }}
),

received as (
    select
        org_code,
        udi,
        line_key,
        item_code,
        supplier_code,
        receipt_time,
        receipt_month,
        is_consignment,
        batch_id
    from pieces
    where delivery_no = 1
)

select * from received
