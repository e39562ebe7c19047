-- Grain: one movement of a store in smallest units, in positive, out negative.
-- Rule: `is_use` is what goods are kept for: handed out to patients or issued to wards, and what comes back from there.
with moves as (
    select * from {{ ref('stg_procurement__stock_move') }}
),

described as (
    select
        org_code,
        move_id,
        move_time,
        move_month,
        store_code,
        move_kind,
        move_kind in ('dispense', 'dispense_return', 'issue', 'dept_return') as is_use,
        item_kind,
        item_code,
        udi,
        qty_min_unit,
        batch_id
    from moves
)

select * from described
