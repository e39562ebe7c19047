-- Grain: one hand-out of a pharmacy, or return (negative). Source: land.his_dispense.
with latest as (
    {{ latest_version('his_dispense', ['dispense_id']) }}
),

typed as (
    select
        org_code,
        dispense_id,
        nullif(trim(orig_dispense_id), '') as orig_dispense_id,
        encounter_type,
        encounter_id,
        nullif(trim(fee_id), '') as fee_id,
        item_kind,
        item_code,
        cast(qty_min_unit as numeric(18, 4)) as qty_min_unit,
        dispense_time,
        {{ month_of('dispense_time') }} as dispense_month,
        nullif(trim(trace_codes), '') as trace_codes,
        _batch_id as batch_id
    from latest
)

select * from typed
