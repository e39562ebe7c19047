-- Grain: one organisation, doctor, product (generic name and maker) and quarter.
-- Rule: RX11. The doctor has at least 20 % of the hospital's quantity of the product, at least 30 prescriptions
-- and 10 patients, a share in the class at least three times that of the peers, and a modified z above the limit
-- with the false discovery rate held; see int_product_verdict. Amount at risk is what lies above the peers' share.
-- Source: int_product_verdict, core.fct_prescription_line.
with judged as (
    select * from {{ ref('int_product_verdict') }}
),

lines as (
    select
        fct_prescription_line.*,
        cast(date_trunc('quarter', rx_month) as date) as quarter_start,
        coalesce(generic_name, drug_code) || '|' || coalesce(manufacturer_uscc, '') as product
    from {{ ref('fct_prescription_line') }} as fct_prescription_line
    where not is_self_provided and qty_min_unit > 0
),

outcomes as (
    select
        judged.org_code,
        judged.doctor_code || '|' || judged.product as subject_id,
        judged.doctor_code,
        judged.product,
        judged.dept_code,
        judged.quarter_start as period_start,
        {{ add_days(add_months('judged.quarter_start', 3), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['no_peer_group']) }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        judged.class_share as value,
        judged.share_limit as threshold,
        judged.peer_share as expected,
        judged.limit_lower,
        judged.limit_upper,
        judged.peer_group,
        judged.peer_n,
        judged.prescriptions as n,
        judged.z_score as deviation,
        judged.p_value,
        judged.q_value,
        greatest(1 - coalesce(judged.peer_share, 0) / nullif(judged.class_share, 0), 0) as excess_share
    from judged
),

lines_behind as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        lines.rx_item_id,
        outcomes.value * lines.qty_min_unit / nullif(sum(lines.qty_min_unit) over subject, 0) as value,
        lines.amount * outcomes.excess_share as risk_gross
    from outcomes
    inner join lines
        on
            lines.org_code = outcomes.org_code
            and lines.doctor_code = outcomes.doctor_code
            and lines.quarter_start = outcomes.period_start
            and lines.product = outcomes.product
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
    {{ indicator_rows('RX11', '1.0.0', "'doctor_product'", 'with_evidence', limits=true) }}
)

select * from indicator
