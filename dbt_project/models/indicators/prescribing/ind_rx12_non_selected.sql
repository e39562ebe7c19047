-- Grain: one organisation, doctor, quarter and drug (generic name and form) that the hospital has selected and other
-- products of.
-- Rule: RX12, the share of products that were not selected in volume-based purchasing among the doctor's DDDs of the
-- drug: above RX12.non_selected_share yellow, red where nothing else was prescribed. What was prescribed while the
-- selected product was out of stock is left out. At least RX12.min_rx prescriptions, in two months of the quarter.
-- The deviation is the price of a DDD against the cheapest of the hospital's products; at risk is what the lines cost
-- beyond the selected product.
-- Source: int_equivalent_line.
with lines as (
    select * from {{ ref('int_equivalent_line') }}
),

prices as (
    select
        org_code,
        equivalent,
        quarter_start,
        min(amount / ddds) as cheapest,
        min(case when is_vbp_selected then amount / ddds end) as selected_price
    from lines
    where ddds > 0 and amount > 0
    group by org_code, equivalent, quarter_start
),

drugs as (
    select
        lines.org_code,
        lines.doctor_code,
        lines.equivalent,
        lines.quarter_start,
        max(lines.dept_code) as dept_code,
        count(distinct lines.rx_id) as prescriptions,
        count(distinct case when not lines.is_vbp_selected then lines.rx_month end) as other_months,
        cast(count(lines.ddds) as numeric(18, 4)) / count(*) as ddd_coverage,
        sum(case when not lines.is_vbp_selected then lines.ddds else 0 end) / nullif(sum(lines.ddds), 0) as whole_share,
        sum(case when not lines.is_vbp_selected and not coalesce(lines.is_excused, false) then lines.ddds else 0 end)
        / nullif(sum(case when not coalesce(lines.is_excused, false) then lines.ddds else 0 end), 0) as other_share,
        sum(case when lines.is_excused is null then 1 else 0 end) as unknown_stock,
        sum(lines.amount) / nullif(sum(lines.ddds), 0) as price
    from lines
    group by lines.org_code, lines.doctor_code, lines.equivalent, lines.quarter_start
),

judged as (
    select
        drugs.*,
        share_limit.value as share_limit,
        drugs.price / nullif(prices.cheapest, 0) as price_ratio,
        case
            when drugs.ddd_coverage < coverage.value then 'missing_ddd'
            when drugs.prescriptions < min_rx.value then 'below_volume'
            when drugs.whole_share <= share_limit.value then 'clear'
            when drugs.unknown_stock > 0 then 'missing_stock'
            when coalesce(drugs.other_share, 0) <= share_limit.value then 'out_of_stock'
            when drugs.other_months < persistence.value then 'not_persistent'
            else 'fired'
        end as verdict
    from drugs
    left join prices
        on
            prices.org_code = drugs.org_code
            and prices.equivalent = drugs.equivalent
            and prices.quarter_start = drugs.quarter_start
    {{
        threshold_join(
            'share_limit', 'RX12', 'non_selected_share', 'drugs.org_code', 'drugs.quarter_start', qualifier='yellow',
        )
    }}
    {{ threshold_join('min_rx', 'RX12', 'min_rx', 'drugs.org_code', 'drugs.quarter_start') }}
    {{ threshold_join('coverage', 'ALL', 'min_coverage', 'drugs.org_code', 'drugs.quarter_start') }}
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'drugs.org_code', 'drugs.quarter_start') }}
),

outcomes as (
    select
        judged.*,
        doctor_code || '|' || equivalent as subject_id,
        quarter_start as period_start,
        {{ add_days(add_months('quarter_start', 3), -1) }} as period_end,
        {{ outcome_of('verdict', ['missing_ddd', 'missing_stock', 'below_volume']) }} as outcome,
        verdict as reason,
        case when other_share = 1 then 'red' else 'yellow' end as zone,
        '线索' as state,
        coalesce(other_share, 0) as value,
        share_limit as threshold,
        prescriptions as n,
        price_ratio as deviation
    from judged
),

lines_behind as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        lines.rx_item_id,
        outcomes.whole_share * lines.ddds / nullif(sum(lines.ddds) over subject, 0) as value,
        greatest(lines.amount - lines.ddds * coalesce(prices.selected_price, prices.cheapest), 0) as risk_gross
    from outcomes
    inner join lines
        on
            lines.org_code = outcomes.org_code
            and lines.doctor_code = outcomes.doctor_code
            and lines.equivalent = outcomes.equivalent
            and lines.quarter_start = outcomes.period_start
            and not lines.is_vbp_selected
            and lines.ddds is not null
            and (outcomes.outcome = 'guarded' or not lines.is_excused)
    inner join prices
        on
            prices.org_code = lines.org_code
            and prices.equivalent = lines.equivalent
            and prices.quarter_start = lines.quarter_start
    where outcomes.outcome in ('fired', 'guarded')
    window subject as (partition by outcomes.org_code, outcomes.subject_id, outcomes.period_start)
),

evidence as (
    {{ line_evidence('lines_behind', 'rx_item_id', 'line.value', 'line.risk_gross') }}
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'RX12', '1.0.0', "'doctor_product'", 'with_evidence',
            absent=['expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
