-- Grain: one piece of a traced material, by its unique identification (UDI), that was issued for a patient and not brought back.
-- Source: staging.stg_his__dispense.
with hand_outs as (
    select * from {{ ref('stg_his__dispense') }}
    where item_kind = 'material' and trace_codes is not null
),

pieces as (
    select
        hand_outs.org_code,
        hand_outs.dispense_id,
        codes.code as udi,
        hand_outs.encounter_id,
        hand_outs.encounter_type,
        hand_outs.fee_id,
        hand_outs.item_code,
        hand_outs.dispense_time,
        hand_outs.dispense_month,
        hand_outs.orig_dispense_id,
        hand_outs.batch_id
    from {{ code_rows('hand_outs', 'hand_outs', 'trace_codes') }}
),

issued as (
    select
        pieces.org_code,
        pieces.dispense_id,
        pieces.udi,
        pieces.encounter_id,
        pieces.encounter_type,
        pieces.fee_id,
        pieces.item_code,
        pieces.dispense_time,
        pieces.dispense_month,
        pieces.batch_id
    from pieces
    left join pieces as returns
        on
            returns.org_code = pieces.org_code
            and returns.orig_dispense_id = pieces.dispense_id
            and returns.udi = pieces.udi
    where pieces.orig_dispense_id is null and returns.udi is null
)

select * from issued
