-- Grain: one encounter of int_cost_encounter, with the part of its bill inside the insurance's scope.
-- Rule: the insured part of its lines that the insurance knows, in the amount of all its lines. The encounters stand in a
-- table of their own, so that the planner knows how few they are among all lines.
-- Source: int_cost_encounter, core.fct_fee_line, int_insured_share.
with encounters as (
    select distinct
        org_code,
        encounter_type,
        encounter_id
    from {{ ref('int_cost_encounter') }}
),

insured as (
    select
        encounters.org_code,
        encounters.encounter_type,
        encounters.encounter_id,
        sum(lines.net_amount * coalesce(shares.insured_share, 0)) / nullif(sum(lines.net_amount), 0) as insured_share
    from encounters
    inner join {{ ref('fct_fee_line') }} as lines
        on
            lines.org_code = encounters.org_code
            and lines.encounter_type = encounters.encounter_type
            and lines.encounter_id = encounters.encounter_id
    left join {{ ref('int_insured_share') }} as shares
        on
            shares.org_code = lines.org_code
            and shares.fee_id = lines.fee_id
    group by encounters.org_code, encounters.encounter_type, encounters.encounter_id
),

typed as (
    select
        org_code,
        encounter_type,
        encounter_id,
        cast(insured_share as numeric(9, 8)) as insured_share
    from insured
)

select * from typed
