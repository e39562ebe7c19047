-- Grain: one organisation, category and level (distributor or manufacturer), and calendar year.
-- Rule: PR01, the largest company's share is at least 50 % (or 70 %) and the HHI exceeds the median of the
-- region's other organisations by more than 1 000. The scale of the HHI is that of the merger guidelines;
-- as a statistical indicator it never says red alone. The excess is what the largest company sold beyond
-- the regional median share of the largest.
-- Source: peer_market_concentration (core.fct_purchase_line).
with concentrations as (
    select * from {{ ref('peer_market_concentration') }}
    where market_kind = 'category'
),

purchase_lines as (
    select * from {{ ref('fct_purchase_line') }}
    where not is_vbp_selected
),

limited as (
    select
        concentrations.*,
        min_amount.value as min_amount,
        min_orders.value as min_orders,
        min_suppliers.value as min_suppliers,
        min_orgs.value as min_orgs,
        min_known.value as min_known,
        exclusive.value as max_exclusive,
        share_yellow.value as share_yellow,
        share_red.value as share_red,
        hhi_gap.value as max_hhi_gap
    from concentrations
    {{ threshold_join('min_amount', 'PR01', 'min_amount_year', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('min_orders', 'PR01', 'min_orders_year', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('min_suppliers', 'PR01', 'min_suppliers_region', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('min_orgs', 'PR01', 'min_orgs_region', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('min_known', 'PR01', 'min_manufacturer_coverage', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('exclusive', 'PR01', 'exclusive_share', 'concentrations.org_code', 'concentrations.year_start') }}
    {{ threshold_join('share_yellow', 'PR01', 'top1_share', 'concentrations.org_code', 'concentrations.year_start', 'yellow') }}
    {{ threshold_join('share_red', 'PR01', 'top1_share', 'concentrations.org_code', 'concentrations.year_start', 'red') }}
    {{ threshold_join('hhi_gap', 'PR01', 'hhi_gap_region', 'concentrations.org_code', 'concentrations.year_start') }}
),

judged as (
    select
        limited.*,
        case
            when known_share < min_known then 'missing_company'
            when amount < min_amount or orders < min_orders then 'below_volume'
            when other_orgs < min_orgs then 'no_peer_group'
            when cr1 < share_yellow or hhi - regional_hhi <= max_hhi_gap then 'clear'
            when regional_companies < min_suppliers then 'few_suppliers'
            when top_exclusive_share >= max_exclusive then 'exclusive_product'
            else 'fired'
        end as verdict
    from limited
),

outcomes as (
    select
        judged.*,
        category_code || '|' || company_level as subject_id,
        year_start as period_start,
        {{ add_days(add_months('year_start', 12), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['missing_company', 'below_volume', 'no_peer_group']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        case when cr1 >= share_red then share_red else share_yellow end as threshold,
        regional_cr1 as expected,
        category_code as peer_group,
        other_orgs as peer_n,
        orders as n,
        hhi - regional_hhi as deviation
    from judged
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_order' as source_table,
        purchase_lines.line_key as row_key,
        outcomes.cr1 * purchase_lines.amount / nullif(sum(purchase_lines.amount) over market, 0) as value,
        purchase_lines.amount * greatest(outcomes.cr1 - outcomes.regional_cr1, 0) / nullif(outcomes.cr1, 0)
            as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join purchase_lines
        on
            purchase_lines.org_code = outcomes.org_code
            and purchase_lines.category_code = outcomes.category_code
            and purchase_lines.order_year = outcomes.order_year
            and outcomes.top_company_group_id = case outcomes.company_level
                when 'distributor' then purchase_lines.supplier_group_id
                else purchase_lines.manufacturer_group_id
            end
    where outcomes.outcome in ('fired', 'guarded')
    window market as (partition by outcomes.org_code, outcomes.subject_id, outcomes.period_start)
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'PR01', '1.1.0', "'category'", 'with_evidence', value='cr1',
            absent=['dept_code', 'doctor_code', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
