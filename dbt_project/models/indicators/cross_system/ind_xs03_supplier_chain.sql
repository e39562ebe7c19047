-- Grain: one organisation, doctor, maker and quarter.
-- Rule: XS03. Either one product of the maker goes to at least 40 % through one doctor and the maker's share in its
-- classes is at least 3 times the peers', or the doctor leads the hospital in at least 2 of the maker's products in at
-- least 2 quarters and the share is at least twice the peers'; held up at q <= 0.001. A maker with one product in
-- the hospitals' catalogues is no chain of products: its preference is RX11's. Rows behind are the doctor's lines of
-- the maker, and with 0 the visits of its representatives to the doctor and the orders of its products.
-- Source: int_maker_chain, core.fct_prescription_line, core.fct_visit_contact, core.fct_purchase_line, core.dim_drug.
with chains as (
    select * from {{ ref('int_maker_chain') }}
),

lines as (
    select
        fct_prescription_line.*,
        cast(date_trunc('quarter', rx_month) as date) as quarter_start
    from {{ ref('fct_prescription_line') }} as fct_prescription_line
    where
        drug_class in ('western', 'patent_tcm', 'preparation')
        and not is_self_provided and not coalesce(is_solvent, false) and qty_min_unit > 0
        and coalesce(pharm_class, left(atc_code, 5)) is not null
),

judged as (
    select
        chains.*,
        case
            when chains.top_quarters >= top_quarters.value then least(min_tilt.value, product_tilt.value)
            else min_tilt.value
        end * chains.expected_share as share_limit,
        case
            when
                (chains.hospital_share < min_share.value and chains.top_quarters < top_quarters.value)
                or chains.prescriptions < min_rx.value
                or chains.patients < min_patients.value
                then 'clear'
            when chains.expected_share is null and chains.class_doctors < min_doctors.value then 'few_prescribers'
            when chains.expected_share is null then 'no_peer_group'
            when
                not (
                    chains.hospital_share >= min_share.value
                    and chains.maker_share >= min_tilt.value * chains.expected_share
                )
                and not (
                    chains.top_quarters >= top_quarters.value
                    and chains.maker_share >= product_tilt.value * chains.expected_share
                )
                then 'clear'
            when chains.maker_products < min_products.value then 'single_product'
            when chains.class_doctors < min_doctors.value then 'few_prescribers'
            when
                chains.first_month > {{ add_months('chains.quarter_start', '-1 * cast(launch_months.value as integer)') }}
                and chains.first_month > chains.history_start
                then 'new_product'
            when coalesce(chains.first_share, 0) < product_tilt.value * chains.peer_share then 'refills'
            when chains.months < persistence.value then 'not_persistent'
            when chains.q_value > max_q.value then 'false_discovery'
            else 'fired'
        end as verdict
    from chains
    {{ threshold_join('min_share', 'XS03', 'min_share', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('min_tilt', 'XS03', 'min_tilt', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('product_tilt', 'XS03', 'min_tilt_products', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('top_quarters', 'XS03', 'min_top_quarters', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('min_products', 'XS03', 'min_maker_products', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('min_rx', 'XS03', 'min_rx', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('min_patients', 'XS03', 'min_patients', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('min_doctors', 'XS03', 'min_eligible_doctors', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('launch_months', 'XS03', 'launch_months', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'chains.org_code', 'chains.quarter_start') }}
    {{ threshold_join('max_q', 'XS03', 'max_q', 'chains.org_code', 'chains.quarter_start') }}
),

outcomes as (
    select
        judged.org_code,
        judged.doctor_code || '|' || judged.maker as subject_id,
        judged.doctor_code,
        judged.maker,
        judged.dept_code,
        judged.quarter_start as period_start,
        {{ add_days(add_months('judged.quarter_start', 3), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['no_peer_group']) }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        judged.maker_share as value,
        judged.share_limit as threshold,
        judged.expected_share as expected,
        judged.std_dept_code as peer_group,
        judged.peer_n,
        judged.prescriptions as n,
        judged.z_score as deviation,
        judged.p_value,
        judged.q_value,
        greatest(1 - coalesce(judged.expected_share, 0) / nullif(judged.maker_share, 0), 0) as excess_share
    from judged
),

lines_behind as (
    {{ share_lines('outcomes', 'lines', match='maker', of='manufacturer_uscc', weight='amount') }}
),

line_rows as (
    {{ line_evidence('lines_behind', 'rx_item_id', 'line.value', 'line.risk_gross') }}
),

-- The other links of the chain: who came to see the doctor with which product, and who delivered it.
visits_behind as (
    select distinct
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'sv_visit' as source_table,
        contacts.visit_id as row_key
    from outcomes
    inner join {{ ref('fct_visit_contact') }} as contacts
        on
            contacts.org_code = outcomes.org_code
            and contacts.doctor_code = outcomes.doctor_code
            and contacts.visit_date between outcomes.period_start and outcomes.period_end
    inner join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = contacts.org_code
            and drugs.med_list_codg = contacts.med_list_codg
            and drugs.manufacturer_uscc = outcomes.maker
    where outcomes.outcome = 'fired'
),

orders_behind as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_order' as source_table,
        purchases.line_key as row_key
    from outcomes
    inner join {{ ref('fct_purchase_line') }} as purchases
        on
            purchases.org_code = outcomes.org_code
            and purchases.manufacturer_uscc = outcomes.maker
            and purchases.item_kind = 'drug'
            and purchases.order_date between outcomes.period_start and outcomes.period_end
    where outcomes.outcome = 'fired'
),

evidence as (
    select * from line_rows
    union all
    select
        visits_behind.*,
        0 as value,
        0 as risk_gross,
        0 as risk_fund
    from visits_behind
    union all
    select
        orders_behind.*,
        0 as value,
        0 as risk_gross,
        0 as risk_fund
    from orders_behind
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{ indicator_rows('XS03', '1.0.0', "'doctor_maker'", 'with_evidence') }}
)

select * from indicator
