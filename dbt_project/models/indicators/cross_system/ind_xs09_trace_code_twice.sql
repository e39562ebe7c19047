-- Grain: one organisation, drug and month in which packs were sold with their trace codes.
-- Rule: XS09, a pack sold under a code that had been sold before and not been brought back, at whatever organisation. Packs
-- that were opened and divided are guarded as long as no more was sold until then than a pack holds, and so is a code that
-- was read twice in one encounter. Each later sale is a finding, none is the first. Where the pack's content is unknown it
-- cannot be told from an opened one.
-- Source: int_pack_sale, core.dim_drug.
with sales as (
    select * from {{ ref('int_pack_sale') }}
),

judged as (
    select
        sales.*,
        sales.item_code || '|drug' as subject_id,
        sales.sale_month as period_start,
        case
            when not sales.is_well_formed then 'malformed_code'
            when sales.sale_no <= max_sales.value then 'clear'
            when sales.sale_no <= max_sales.value + sales.returned_before then 'resold_after_return'
            when sales.is_same_encounter then 'read_twice'
            when coalesce(drugs.pack_ratio, 0) <= 0 then 'missing_pack_ratio'
            when sales.sold_qty <= drugs.pack_ratio then 'opened_pack'
            else 'fired'
        end as verdict
    from sales
    left join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = sales.org_code
            and drugs.drug_code = sales.item_code
    {{ threshold_join('max_sales', 'XS09', 'max_sales', 'sales.org_code', 'sales.sale_month') }}
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['malformed_code', 'missing_pack_ratio']) }} as outcome
    from judged
),

item_months as (
    {{ subject_months('outcomes') }}
),

evidence as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'yb_sel' as source_table,
        sel_id as row_key,
        count(*) as value,
        sum(qty_min_unit * coalesce(min_unit_price, 0)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded')
    group by org_code, subject_id, period_start, outcome, sel_id
),

with_evidence as (
    {{ with_evidence('item_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'XS09', '1.0.0', "'stock_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value',
                'q_value',
            ],
        )
    }}
)

select * from indicator
