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
        {{ product_key('fct_prescription_line') }} as product
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
    {{ share_lines('outcomes', 'lines', match='product', of='product', weight='qty_min_unit') }}
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
