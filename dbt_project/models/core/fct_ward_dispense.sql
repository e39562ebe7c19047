-- Grain: one hand-out of a drug to an inpatient, net of its returns, with a positive net quantity.
-- Rule: the month is that of the hand-out; amount is what the fee line of it costs, null without one; DDDs are
-- null where the drug has none. is_discharge_drug is that of the order behind the fee line; doctor and dose of what is
-- taken home are those of that order, null for what is used in the ward.
with dispenses as (
    select * from {{ ref('stg_his__dispense') }}
    where encounter_type = 'I' and item_kind = 'drug'
),

hand_outs as (
    select * from dispenses
    where orig_dispense_id is null
),

returns as (
    select
        org_code,
        orig_dispense_id,
        sum(qty_min_unit) as qty_min_unit
    from dispenses
    where orig_dispense_id is not null
    group by org_code, orig_dispense_id
),

fee_lines as (
    select * from {{ ref('fct_fee_line') }}
    where encounter_type = 'I' and item_kind = 'drug'
),

orders as (
    select
        org_code,
        order_id,
        doctor_code,
        dose,
        dose_unit,
        freq_code,
        freq_per_day
    from {{ ref('stg_his__order') }}
    where is_discharge_drug
),

net as (
    select
        hand_outs.org_code,
        hand_outs.dispense_id,
        hand_outs.encounter_id as adm_id,
        stays.patient_id,
        stays.dept_code,
        hand_outs.fee_id,
        hand_outs.item_code as drug_code,
        drugs.generic_name,
        drugs.antibac_class,
        drugs.atc_code,
        drugs.min_unit,
        hand_outs.dispense_time,
        hand_outs.dispense_month,
        cast(hand_outs.qty_min_unit + coalesce(returns.qty_min_unit, 0) as numeric(18, 4)) as net_qty,
        cast((hand_outs.qty_min_unit + coalesce(returns.qty_min_unit, 0)) * drugs.ddds_per_min_unit as numeric(18, 4))
            as ddds,
        fee_lines.net_amount as amount,
        orders.order_id is not null as is_discharge_drug,
        orders.doctor_code,
        orders.dose,
        orders.dose_unit,
        orders.freq_code,
        orders.freq_per_day,
        hand_outs.batch_id
    from hand_outs
    left join returns
        on
            returns.org_code = hand_outs.org_code
            and returns.orig_dispense_id = hand_outs.dispense_id
    left join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = hand_outs.org_code
            and drugs.drug_code = hand_outs.item_code
    left join {{ ref('fct_ward_stay') }} as stays
        on
            stays.org_code = hand_outs.org_code
            and stays.adm_id = hand_outs.encounter_id
    left join fee_lines
        on
            fee_lines.org_code = hand_outs.org_code
            and fee_lines.fee_id = hand_outs.fee_id
    left join orders
        on
            orders.org_code = fee_lines.org_code
            and orders.order_id = fee_lines.order_id
),

kept as (
    select * from net
    where net_qty > 0
)

select * from kept
