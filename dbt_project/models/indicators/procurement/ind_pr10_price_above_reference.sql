-- Grain: one organisation, purchased item and supplier, and month of order.
-- Rule: PR10, price per smallest unit above the volume-based-purchasing or listed price (0.5 % tolerated),
-- or above 1.2 times (yellow) and 1.5 times (red) the regional median (PL-8).
-- Source: core.fct_purchase_line, core.dim_vbp_quota, core.dim_listed_price, core.dim_drug.
with purchase_lines as (
    select * from {{ ref('fct_purchase_line') }}
),

price_references as (
    select * from {{ ref('int_price_reference') }}
),

drugs as (
    select * from {{ ref('dim_drug') }}
),

compared_lines as (
    select
        purchase_lines.org_code,
        purchase_lines.item_code || '|' || purchase_lines.supplier_code as subject_id,
        purchase_lines.order_month as period_start,
        purchase_lines.line_key,
        purchase_lines.amount,
        purchase_lines.qty_min_unit,
        purchase_lines.min_unit_price,
        price_references.reference_kind,
        price_references.reference_price * purchase_lines.qty_min_unit as reference_amount,
        purchase_lines.min_unit_price / price_references.reference_price as price_ratio,
        case when drugs.pack_ratio > 1 then drugs.pack_ratio end as pack_ratio,
        pack_tolerance.value as pack_tolerance,
        case price_references.reference_kind
            when 'vbp' then ratio_vbp.value + tolerance.value
            when 'listed' then ratio_listed.value + tolerance.value
            else median_yellow.value
        end as yellow_ratio,
        case price_references.reference_kind
            when 'vbp' then ratio_vbp.value + tolerance.value
            when 'listed' then ratio_listed.value + tolerance.value
            else median_red.value
        end as red_ratio
    from purchase_lines
    left join price_references
        on
            price_references.org_code = purchase_lines.org_code
            and price_references.line_key = purchase_lines.line_key
    left join drugs
        on
            drugs.org_code = purchase_lines.org_code
            and drugs.drug_code = purchase_lines.item_code
            and purchase_lines.item_kind = 'drug'
    {{ threshold_join('tolerance', 'PR10', 'price_tolerance', 'purchase_lines.org_code', 'purchase_lines.order_month') }}
    {{ threshold_join('ratio_vbp', 'PR10', 'ratio_vbp', 'purchase_lines.org_code', 'purchase_lines.order_month') }}
    {{ threshold_join('ratio_listed', 'PR10', 'ratio_listed', 'purchase_lines.org_code', 'purchase_lines.order_month') }}
    {{ threshold_join('median_yellow', 'PR10', 'ratio_median', 'purchase_lines.org_code', 'purchase_lines.order_month', 'yellow') }}
    {{ threshold_join('median_red', 'PR10', 'ratio_median', 'purchase_lines.org_code', 'purchase_lines.order_month', 'red') }}
    {{ threshold_join('pack_tolerance', 'PR10', 'pack_ratio_tolerance', 'purchase_lines.org_code', 'purchase_lines.order_month') }}
),

judged_lines as (
    select
        compared_lines.*,
        case
            when reference_kind is null then 'missing_reference_price'
            when min_unit_price is null then 'missing_unit'
            when price_ratio <= yellow_ratio then 'clear'
            when abs(price_ratio / pack_ratio - 1) <= pack_tolerance then 'pack_unit'
            else 'fired'
        end as verdict
    from compared_lines
),

outcomes as (
    select
        judged_lines.*,
        {{ outcome_of('verdict', not_computable=['missing_reference_price', 'missing_unit']) }} as outcome
    from judged_lines
),

item_months as (
    select
        org_code,
        subject_id,
        period_start,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        case when max(case when outcome = 'fired' and price_ratio > red_ratio then 1 else 0 end) = 1
            then 'red' else 'yellow' end as zone,
        '疑点' as state,
        count(*) as n,
        max(yellow_ratio) as threshold,
        1 as expected,
        max(reference_kind) as peer_group,
        sum(amount) / nullif(sum(reference_amount), 0) as price_ratio
    from outcomes
    group by org_code, subject_id, period_start
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_order' as source_table,
        outcomes.line_key as row_key,
        outcomes.amount / nullif(sum(outcomes.reference_amount) over (
            partition by outcomes.org_code, outcomes.subject_id, outcomes.period_start, outcomes.outcome
        ), 0) as value,
        outcomes.amount - outcomes.reference_amount as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('item_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'PR10', '1.0.0', "'purchase_item'", 'with_evidence', value='coalesce(evidence_value, price_ratio)',
            absent=['dept_code', 'doctor_code', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
