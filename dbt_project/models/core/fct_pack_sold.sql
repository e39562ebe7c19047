-- Grain: one trace code of a drug on one reported sale or return.
-- Rule: the quantity of a sale belongs to its codes in equal parts; a return is negative. A code is well formed where it has
-- at least ten digits or capital letters.
-- Source: core.fct_drug_sale.
with sales as (
    select * from {{ ref('fct_drug_sale') }}
    where trace_codes is not null and qty_min_unit <> 0
),

packs as (
    select distinct
        sales.org_code,
        sales.sel_id,
        codes.code as trace_code,
        sales.item_code,
        sales.mdtrt_id,
        sales.qty_min_unit,
        sales.min_unit_price,
        sales.sold_at,
        sales.sale_month,
        sales.batch_id
    from {{ code_rows('sales', 'sales', 'trace_codes') }}
),

parts as (
    select
        org_code,
        sel_id,
        trace_code,
        item_code,
        mdtrt_id,
        cast(qty_min_unit / count(*) over (partition by org_code, sel_id) as numeric(18, 4)) as qty_min_unit,
        min_unit_price,
        sold_at,
        sale_month,
        {{ matches_pattern('trace_code', "'^[0-9A-Z]{10,}$'") }} as is_well_formed,
        batch_id
    from packs
)

select * from parts
