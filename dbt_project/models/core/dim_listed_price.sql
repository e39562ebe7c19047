-- Grain: one published price of an item, region, kind, supplier and period, per smallest unit.
with prices as (
    select
        org_code,
        region_code,
        med_list_codg,
        price_kind,
        min_unit_price,
        supplier_or_mah,
        valid_from,
        valid_to,
        batch_id
    from {{ ref('stg_reference__listed_price') }}
)

select * from prices
