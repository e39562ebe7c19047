-- Grain: one line or settlement in which HIS and insurance differ beyond rounding.
-- Rule: class A only in the insurance, B only in the HIS, C in both with another amount, code or day,
-- D totals of a settlement that no line explains. Lines are merged and split at upload: they are compared by
-- encounter, item code and day first, and what lines of one such group make up for among themselves is taken
-- off in proportion, so that the differences add up to that of the day (only days on which some line differs
-- need to be added up). A changed code puts the whole line at
-- risk, a moved day or an amount below the HIS's nothing.
-- Source: int_charge_pair, core.fct_settlement, core.fct_insurance_settlement, core.fct_fee_line.
with differing_days as (
    select distinct
        org_code,
        mdtrt_id,
        moved,
        item_code,
        event_date
    from {{ ref('int_charge_pair') }}
    where moved <> 'same' or difference <> 0
),

day_sums as (
    select
        differing_days.org_code,
        differing_days.mdtrt_id,
        differing_days.moved,
        differing_days.item_code,
        differing_days.event_date,
        cast(sum(pairs.difference) as numeric(18, 2)) as difference,
        cast(sum(greatest(pairs.difference, 0)) as numeric(18, 2)) as excess,
        cast(sum(greatest(-pairs.difference, 0)) as numeric(18, 2)) as shortfall,
        count(*) as line_count
    from differing_days
    inner join {{ ref('int_charge_pair') }} as pairs
        on
            pairs.org_code = differing_days.org_code
            and pairs.mdtrt_id = differing_days.mdtrt_id
            and pairs.moved = differing_days.moved
            and pairs.item_code = differing_days.item_code
            and pairs.event_date = differing_days.event_date
    group by
        differing_days.org_code,
        differing_days.mdtrt_id,
        differing_days.moved,
        differing_days.item_code,
        differing_days.event_date
),

his_settlements as (
    select
        org_code,
        hi_setl_id,
        max(encounter_type) as encounter_type,
        max(encounter_id) as encounter_id,
        sum(amount) as amount
    from {{ ref('fct_settlement') }}
    where hi_setl_id is not null
    group by org_code, hi_setl_id
),

-- What the hospital charged without having to upload it: paid by the patient in full.
self_paid as (
    select
        org_code,
        encounter_type,
        encounter_id,
        sum(net_amount) as amount
    from {{ ref('fct_fee_line') }}
    where feedetl_sn is null and not hi_uploaded
    group by org_code, encounter_type, encounter_id
),

insurance_settlements as (
    select * from {{ ref('fct_insurance_settlement') }}
),

line_differences as (
    select
        pairs.*,
        case when fee_id is null then 'A' when fee_serial is null then 'B' else 'C' end as difference_class,
        case
            when pairs.moved = 'code' then pairs.insurance_amount
            when pairs.moved = 'date' then 0
            when day_sums.difference > 0 and pairs.difference > 0
                then pairs.difference * day_sums.difference / day_sums.excess
            when day_sums.difference < 0 and pairs.difference < 0
                then pairs.difference * day_sums.difference / day_sums.shortfall
        end as amount_at_risk
    from {{ ref('int_charge_pair') }} as pairs
    inner join day_sums
        on
            day_sums.org_code = pairs.org_code
            and day_sums.mdtrt_id = pairs.mdtrt_id
            and day_sums.moved = pairs.moved
            and day_sums.item_code = pairs.item_code
            and day_sums.event_date = pairs.event_date
    {{ threshold_join('line_tolerance', 'XS01', 'line_tolerance', 'pairs.org_code', month_of('pairs.event_date')) }}
    {{ threshold_join('rounding', 'XS01', 'settlement_tolerance', 'pairs.org_code', month_of('pairs.event_date')) }}
    where
        pairs.moved <> 'same'
        or abs(day_sums.difference)
        > day_sums.line_count
        * case when pairs.price_is_fractional then rounding.value else line_tolerance.value end
),

line_findings as (
    select
        org_code,
        mdtrt_id,
        difference_class,
        moved,
        case when fee_serial is null then 'his_fee' else 'yb_fee_list_d' end as source_table,
        coalesce(fee_serial, fee_id) as row_key,
        his_code,
        his_date,
        insurance_date,
        event_date,
        his_amount,
        cast(amount_at_risk as numeric(18, 2)) as amount_at_risk,
        cast(
            case when difference_class = 'B' or (difference < 0 and moved <> 'code') then 0 else amount_at_risk end
            * coalesce(least(1, inscp_amount / nullif(insurance_amount, 0)), 0) as numeric(18, 2)
        ) as fund_at_risk,
        false as is_self_pay
    from line_differences
    where amount_at_risk is not null
),

explained_encounters as (
    select distinct
        org_code,
        mdtrt_id
    from line_findings
),

settlement_findings as (
    select
        insurance_settlements.org_code,
        insurance_settlements.mdtrt_id,
        'D' as difference_class,
        'same' as moved,
        'yb_setl_d' as source_table,
        insurance_settlements.setl_id as row_key,
        {{ as_text('null') }} as his_code,
        cast(null as date) as his_date,
        cast(insurance_settlements.setl_time as date) as insurance_date,
        cast(insurance_settlements.setl_time as date) as event_date,
        his_settlements.amount as his_amount,
        cast(abs(insurance_settlements.amount - his_settlements.amount) as numeric(18, 2)) as amount_at_risk,
        cast(
            greatest(insurance_settlements.amount - his_settlements.amount, 0)
            * insurance_settlements.inscp_amount / nullif(insurance_settlements.amount, 0) as numeric(18, 2)
        ) as fund_at_risk,
        coalesce(
            abs(his_settlements.amount - insurance_settlements.amount - self_paid.amount) <= tolerance.value, false
        ) as is_self_pay
    from insurance_settlements
    inner join his_settlements
        on
            his_settlements.org_code = insurance_settlements.org_code
            and his_settlements.hi_setl_id = insurance_settlements.setl_id
    left join self_paid
        on
            self_paid.org_code = his_settlements.org_code
            and self_paid.encounter_type = his_settlements.encounter_type
            and self_paid.encounter_id = his_settlements.encounter_id
    left join explained_encounters
        on
            explained_encounters.org_code = insurance_settlements.org_code
            and explained_encounters.mdtrt_id = insurance_settlements.mdtrt_id
    {{
        threshold_join(
            'tolerance', 'XS01', 'settlement_tolerance',
            'insurance_settlements.org_code', 'insurance_settlements.setl_month',
        )
    }}
    where
        abs(insurance_settlements.amount - his_settlements.amount) > tolerance.value
        and explained_encounters.mdtrt_id is null
),

findings as (
    select * from line_findings
    union all
    select * from settlement_findings
)

select * from findings
