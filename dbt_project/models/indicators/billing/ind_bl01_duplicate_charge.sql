-- Grain: one organisation, charge item and month in which the item was billed.
-- Rule: BL01, an item billed beside one that contains it inside the window of the rule, or the same
-- execution or prescription line billed twice at the same moment (重复收费, 条例 §38; GZ10000102012).
-- The finding is the contained line, or the second one.
-- Source: core.fct_fee_line, core.dim_mutex_pair.
with fee_lines as (
    select * from {{ ref('fct_fee_line') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

organisations_with_rules as (
    select distinct organisations.org_code
    from organisations
    inner join {{ ref('dim_mutex_pair') }} as pairs
        on
            pairs.org_code = '*'
            or organisations.org_code = pairs.org_code
),

contained_lines as (
    select * from {{ ref('int_contained_line') }}
),

-- Units that may be billed several times at one moment, once for each site or side.
site_units as (
    select code as unit from {{ ref('code_label') }}
    where code_set = 'site_unit'
),

-- One act billed twice: same item, moment, doctor, and the same execution or prescription line.
acts as (
    select
        org_code,
        fee_id,
        row_number() over (
            partition by
                org_code, encounter_type, encounter_id, item_code, fee_time, doctor_code, order_exec_id, rx_item_id
            order by fee_id
        ) as place
    from {{ ref('fct_fee_line') }}
    where order_exec_id is not null or rx_item_id is not null
),

copies as (
    select
        org_code,
        fee_id
    from acts
    where place > 1
),

judged_lines as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.item_code as subject_id,
        fee_lines.service_month as period_start,
        case
            when copies.fee_id is not null then fee_lines.net_amount
            else fee_lines.net_amount * contained_lines.contained_qty / fee_lines.net_qty
        end as excess,
        case
            when copies.fee_id is not null and site_units.unit is not null then 'several_sites'
            when copies.fee_id is not null then 'fired'
            when organisations_with_rules.org_code is null then 'missing_mutex_pair'
            when fee_lines.med_list_codg is null then 'missing_national_code'
            when coalesce(contained_lines.contained_qty, 0) = 0 then 'clear'
            when
                fee_lines.encounter_type = 'I'
                and contained_lines.window_kind = 'day'
                and not contained_lines.same_department
                then 'transfer_day'
            else 'fired'
        end as verdict
    from fee_lines
    left join organisations_with_rules on fee_lines.org_code = organisations_with_rules.org_code
    left join contained_lines
        on
            fee_lines.org_code = contained_lines.org_code
            and fee_lines.fee_id = contained_lines.fee_id
    left join copies
        on
            fee_lines.org_code = copies.org_code
            and fee_lines.fee_id = copies.fee_id
    left join site_units on fee_lines.unit = site_units.unit
),

outcomes as (
    select
        judged_lines.*,
        {{ outcome_of('verdict', ['missing_mutex_pair', 'missing_national_code']) }} as outcome
    from judged_lines
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', 'line.excess') }}
),

item_months as (
    {{ subject_months('outcomes') }}
),

with_evidence as (
    {{ with_evidence('item_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL01', '1.0.0', "'charge_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value',
                'q_value',
            ],
        )
    }}
)

select * from indicator
