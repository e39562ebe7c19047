-- Grain: one organisation, purchasing category, calendar year and side of the market (distributor or
-- manufacturer), with the concentration there and in the region.
-- Rule: affiliates are one supplier; VBP-selected items are left out, since their distributor is assigned.
-- HHI = sum of squared shares in percent (0 to 10,000); the region is all organisations together.
with lines as (
    select * from {{ ref('fct_purchase_line') }}
    where not is_vbp_selected and category_code is not null and amount > 0
),

sides as (
    select
        org_code,
        category_code,
        order_year,
        'distributor' as market_side,
        supplier_group_id as group_id,
        line_key,
        amount
    from lines
    union all
    select
        org_code,
        category_code,
        order_year,
        'manufacturer' as market_side,
        manufacturer_group_id as group_id,
        line_key,
        amount
    from lines
    where manufacturer_group_id is not null
),

spend as (
    select
        org_code,
        category_code,
        order_year,
        market_side,
        group_id,
        count(*) as order_lines,
        sum(amount) as amount
    from sides
    group by org_code, category_code, order_year, market_side, group_id
),

shares as (
    select
        spend.*,
        amount / nullif(sum(amount) over (partition by org_code, category_code, order_year, market_side), 0) as share,
        row_number() over (
            partition by org_code, category_code, order_year, market_side
            order by amount desc, group_id
        ) as position
    from spend
),

regional_spend as (
    select
        category_code,
        order_year,
        market_side,
        group_id,
        sum(amount) as amount
    from spend
    group by category_code, order_year, market_side, group_id
),

regional_shares as (
    select
        regional_spend.*,
        amount / nullif(sum(amount) over (partition by category_code, order_year, market_side), 0) as share
    from regional_spend
),

regional as (
    select
        category_code,
        order_year,
        market_side,
        count(*) as region_suppliers,
        sum(10000 * share * share) as region_hhi
    from regional_shares
    group by category_code, order_year, market_side
),

concentration as (
    select
        org_code,
        category_code,
        order_year,
        market_side,
        max(case when position = 1 then group_id end) as top_group_id,
        max(case when position = 1 then amount end) as top_amount,
        max(share) as top_share,
        sum(case when position <= 3 then share end) as top3_share,
        sum(10000 * share * share) as hhi,
        count(*) as suppliers,
        sum(order_lines) as order_lines,
        sum(amount) as amount
    from shares
    group by org_code, category_code, order_year, market_side
),

organisations as (
    select
        category_code,
        order_year,
        market_side,
        count(*) as region_organisations
    from concentration
    group by category_code, order_year, market_side
),

compared as (
    select
        concentration.org_code,
        concentration.category_code,
        concentration.order_year,
        concentration.market_side,
        concentration.top_group_id,
        cast(concentration.top_amount as numeric(18, 2)) as top_amount,
        cast(concentration.top_share as numeric(18, 6)) as top_share,
        cast(concentration.top3_share as numeric(18, 6)) as top3_share,
        cast(concentration.hhi as numeric(18, 2)) as hhi,
        cast(concentration.suppliers as integer) as suppliers,
        cast(concentration.order_lines as integer) as order_lines,
        cast(concentration.amount as numeric(18, 2)) as amount,
        cast(regional.region_hhi as numeric(18, 2)) as region_hhi,
        cast(regional.region_suppliers as integer) as region_suppliers,
        cast(organisations.region_organisations as integer) as region_organisations
    from concentration
    inner join regional
        on
            concentration.category_code = regional.category_code
            and concentration.order_year = regional.order_year
            and concentration.market_side = regional.market_side
    inner join organisations
        on
            concentration.category_code = organisations.category_code
            and concentration.order_year = organisations.order_year
            and concentration.market_side = organisations.market_side
)

select * from compared
