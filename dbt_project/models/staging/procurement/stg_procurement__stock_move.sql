-- Grain: one movement of a store, in positive, out negative. Source: land.pr_stock_move.
with latest as (
    {{ latest_version('pr_stock_move', ['move_id']) }}
),

typed as (
    select
        org_code,
        move_id,
        move_time,
        {{ month_of('move_time') }} as move_month,
        store_code,
        move_kind,
        item_kind,
        item_code,
        nullif(trim(udi), '') as udi,
        cast(qty_min_unit as numeric(18, 4)) as qty_min_unit,
        _batch_id as batch_id
    from latest
)

select * from typed
