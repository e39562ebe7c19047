{{ config(meta={'joined_by': ['org_code', 'item_kind', 'item_code', 'service_month']}) }}

-- Grain: one organisation, drug or material and month in which goods were charged, with the prices last paid before.
-- Rule: XS08, the highest and lowest price of a smallest unit in the deliveries of the month, else of the last month with
-- deliveries, stock_months months back at most; gifts and returns have no price. The highest counts, since nobody sees of which
-- delivery a piece came.
-- Source: core.fct_goods_billed_month, core.fct_goods_received.
with charged as (
    select
        billed.org_code,
        billed.item_kind,
        billed.item_code,
        billed.service_month,
        cast(stock_months.value as integer) as stock_months
    from {{ ref('fct_goods_billed_month') }} as billed
    {{ threshold_join('stock_months', 'XS08', 'stock_months', 'billed.org_code', 'billed.service_month') }}
    where billed.line_count > 0
),

paid as (
    select
        org_code,
        item_kind,
        item_code,
        receipt_month,
        cast(max(min_unit_price) as numeric(18, 6)) as highest_price,
        cast(min(min_unit_price) as numeric(18, 6)) as lowest_price
    from {{ ref('fct_goods_received') }}
    where min_unit_price > 0 and not is_gift
    group by org_code, item_kind, item_code, receipt_month
),

candidates as (
    select
        charged.org_code,
        charged.item_kind,
        charged.item_code,
        charged.service_month,
        paid.receipt_month,
        paid.highest_price,
        paid.lowest_price,
        row_number() over (
            partition by charged.org_code, charged.item_kind, charged.item_code, charged.service_month
            order by paid.receipt_month desc
        ) as place
    from charged
    left join paid
        on
            charged.org_code = paid.org_code
            and charged.item_kind = paid.item_kind
            and charged.item_code = paid.item_code
            and paid.receipt_month <= charged.service_month
            and paid.receipt_month > {{ add_months('charged.service_month', '-1 * charged.stock_months') }}
),

latest as (
    select
        org_code,
        item_kind,
        item_code,
        service_month,
        receipt_month,
        highest_price,
        lowest_price
    from candidates
    where place = 1
)

select * from latest
