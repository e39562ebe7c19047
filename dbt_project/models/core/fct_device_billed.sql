-- Grain: one piece of a traced material, by its unique identification (UDI), on one net fee line.
-- Rule: a reversal takes back the pieces that it names. Lines without an identification are in no row here; one without
-- a serial number names a lot (`is_piece` false).
-- Source: core.fct_fee_line, staging.stg_his__fee_refund.
with lines as (
    select * from {{ ref('fct_fee_line') }}
    where item_kind = 'material' and udi is not null
),

reversals as (
    select * from {{ ref('stg_his__fee_refund') }}
    where is_reversal and udi is not null
),

pieces as (
    select distinct
        lines.org_code,
        lines.fee_id,
        codes.code as udi,
        {{ names_one_piece('codes.code') }} as is_piece,
        lines.encounter_id,
        lines.encounter_type,
        lines.item_code,
        lines.dept_code,
        lines.fee_time,
        lines.service_month,
        lines.net_amount / lines.net_qty as unit_amount,
        lines.batch_id
    from {{ code_rows('lines', 'lines', 'udi') }}
),

taken_back as (
    select distinct
        reversals.org_code,
        reversals.orig_fee_id,
        codes.code as udi
    from {{ code_rows('reversals', 'reversals', 'udi') }}
),

billed as (
    select
        pieces.org_code,
        pieces.fee_id,
        pieces.udi,
        pieces.is_piece,
        pieces.encounter_id,
        pieces.encounter_type,
        pieces.item_code,
        pieces.dept_code,
        pieces.fee_time,
        pieces.service_month,
        cast(pieces.unit_amount as numeric(18, 6)) as unit_amount,
        pieces.batch_id
    from pieces
    left join taken_back
        on
            taken_back.org_code = pieces.org_code
            and taken_back.orig_fee_id = pieces.fee_id
            and taken_back.udi = pieces.udi
    where taken_back.udi is null
)

select * from billed
