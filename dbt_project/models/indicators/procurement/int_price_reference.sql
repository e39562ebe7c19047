-- Grain: one purchase line with a price in the smallest unit and the reference it is compared with.
-- Rule: the first that exists of the selected price of volume-based purchasing (selected items only),
-- the listed price and the regional median, each valid on the day of the order. Where several prices
-- of one kind hold (suppliers, regions, batches) the highest counts.
-- Source: core.fct_purchase_line, core.dim_vbp_quota, core.dim_listed_price.
with purchase_lines as (
    select * from {{ ref('fct_purchase_line') }}
),

vbp_prices as (
    select
        org_code,
        med_list_codg,
        selected_price as reference_price,
        period_start as valid_from,
        period_end as valid_to
    from {{ ref('dim_vbp_quota') }}
    where is_selected and selected_price is not null
),

published_prices as (
    select
        org_code,
        med_list_codg,
        price_kind,
        min_unit_price as reference_price,
        valid_from,
        valid_to
    from {{ ref('dim_listed_price') }}
    where price_kind in ('listed', 'region_median')
),

candidates as (
    select
        purchase_lines.org_code,
        purchase_lines.line_key,
        'vbp' as reference_kind,
        1 as priority,
        vbp_prices.reference_price
    from purchase_lines
    inner join vbp_prices
        on
            vbp_prices.med_list_codg = purchase_lines.med_list_codg
            and vbp_prices.org_code in (purchase_lines.org_code, '*')
            and purchase_lines.order_date between vbp_prices.valid_from and vbp_prices.valid_to
    union all
    select
        purchase_lines.org_code,
        purchase_lines.line_key,
        published_prices.price_kind as reference_kind,
        case when published_prices.price_kind = 'listed' then 2 else 3 end as priority,
        published_prices.reference_price
    from purchase_lines
    inner join published_prices
        on
            published_prices.med_list_codg = purchase_lines.med_list_codg
            and published_prices.org_code in (purchase_lines.org_code, '*')
            and published_prices.valid_from <= purchase_lines.order_date
            and coalesce(published_prices.valid_to, purchase_lines.order_date) >= purchase_lines.order_date
),

ranked as (
    select
        candidates.*,
        row_number() over (partition by org_code, line_key order by priority, reference_price desc) as choice
    from candidates
    where reference_price > 0
),

chosen as (
    select
        org_code,
        line_key,
        reference_kind,
        reference_price
    from ranked
    where choice = 1
)

select * from chosen
