-- Grain: one organisation, drug or material and month in which it was charged.
-- Rule: XS08, the charge for a smallest unit is more than the purchase price with the tolerance of the zero mark-up. The rounding
-- of an amount to cents is borne. Guarded: the charge is that of a delivery within lag_days before; herbs within their
-- own mark-up; a hospital that is not public; a charge below what was paid. At risk is what exceeds the price paid.
-- Source: core.fct_fee_line, core.dim_item, core.dim_drug, core.dim_organisation, core.fct_goods_received, int_paid_price_month.
with prices as (
    select
        paid.*,
        coalesce(organisations.is_public, 1 = 1) as is_public,
        coalesce(drugs.drug_class = 'herb_piece', 1 = 0) as is_herb,
        items.pack_unit,
        items.charge_unit,
        items.pack_ratio,
        tolerance.value as tolerance,
        herb_markup.value as herb_markup,
        cast(lag_days.value as integer) as lag_days,
        rounding.value as rounding
    from {{ ref('int_paid_price_month') }} as paid
    inner join {{ ref('dim_organisation') }} as organisations on paid.org_code = organisations.org_code
    left join {{ ref('dim_item') }} as items
        on
            paid.org_code = items.org_code
            and paid.item_kind = items.item_kind
            and paid.item_code = items.item_code
    left join {{ ref('dim_drug') }} as drugs
        on
            paid.org_code = drugs.org_code
            and paid.item_code = drugs.drug_code
            and paid.item_kind = 'drug'
    {{ threshold_join('tolerance', 'XS08', 'markup_tolerance', 'paid.org_code', 'paid.service_month', 'public') }}
    {{ threshold_join('herb_markup', 'XS08', 'herb_markup', 'paid.org_code', 'paid.service_month') }}
    {{ threshold_join('lag_days', 'XS08', 'lag_days', 'paid.org_code', 'paid.service_month') }}
    {{ threshold_join('rounding', 'XS08', 'rounding', 'paid.org_code', 'paid.service_month') }}
),

lines as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.item_kind,
        fee_lines.item_code,
        fee_lines.service_date,
        fee_lines.service_month,
        fee_lines.net_amount,
        prices.is_public,
        prices.is_herb,
        prices.highest_price,
        prices.lowest_price,
        prices.tolerance,
        prices.herb_markup,
        prices.lag_days,
        prices.rounding,
        {{ to_smallest_unit(
            'fee_lines.net_qty', 'fee_lines.unit', 'prices.pack_unit', 'prices.charge_unit', 'prices.pack_ratio'
        ) }} as min_qty
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join prices
        on
            fee_lines.org_code = prices.org_code
            and fee_lines.item_kind = prices.item_kind
            and fee_lines.item_code = prices.item_code
            and fee_lines.service_month = prices.service_month
),

compared as (
    select
        lines.*,
        net_amount > highest_price * (1 + tolerance) * min_qty + rounding as is_above,
        net_amount < lowest_price * (1 - tolerance) * min_qty - rounding as is_below
    from lines
),

-- Only for what lies above are single deliveries looked up.
recent as (
    select
        compared.org_code,
        compared.fee_id,
        max(received.min_unit_price) as recent_price
    from compared
    inner join {{ ref('fct_goods_received') }} as received
        on
            compared.org_code = received.org_code
            and compared.item_kind = received.item_kind
            and compared.item_code = received.item_code
            and cast(received.receipt_time as date) <= compared.service_date
            and cast(received.receipt_time as date) >= {{ add_days('compared.service_date', '-1 * compared.lag_days') }}
    where compared.is_above and received.min_unit_price > 0 and not received.is_gift
    group by compared.org_code, compared.fee_id
),

judged as (
    select
        compared.org_code,
        compared.fee_id,
        compared.item_code as subject_id,
        compared.service_month as period_start,
        compared.highest_price,
        compared.tolerance,
        compared.net_amount / nullif(compared.min_qty * compared.highest_price, 0) - 1 as markup,
        compared.net_amount - compared.highest_price * compared.min_qty as overcharge,
        case
            when compared.highest_price is null then 'no_delivery'
            when compared.min_qty is null then 'unknown_unit'
            when compared.is_below then 'below_purchase_price'
            when not compared.is_above then 'clear'
            when not compared.is_public then 'non_public'
            when
                compared.is_herb
                and compared.net_amount
                <= compared.highest_price * (1 + compared.herb_markup) * compared.min_qty + compared.rounding
                then 'herb_markup'
            when
                compared.net_amount
                <= recent.recent_price * (1 + compared.tolerance) * compared.min_qty + compared.rounding
                then 'price_lag'
            else 'fired'
        end as verdict
    from compared
    left join recent
        on
            compared.org_code = recent.org_code
            and compared.fee_id = recent.fee_id
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['no_delivery', 'unknown_unit']) }} as outcome
    from judged
),

-- What is charged below lacks nothing; its lines are not listed.
evidence as (
    {{ line_evidence(
        'outcomes', 'fee_id', 'line.overcharge',
        where="line.outcome in ('fired', 'guarded') and line.verdict <> 'below_purchase_price'"
    ) }}
),

item_months as (
    {{
        subject_months('outcomes', {
            'threshold': "max(highest_price * (1 + tolerance))",
            'expected': "max(highest_price)",
            'deviation': "max(case when outcome = 'fired' then markup end)",
        })
    }}
),

with_evidence as (
    {{ with_evidence('item_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'XS08', '1.0.0', "'charge_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=['dept_code', 'doctor_code', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
