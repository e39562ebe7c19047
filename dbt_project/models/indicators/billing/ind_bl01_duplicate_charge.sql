-- Grain: one organisation, charge item and month in which the item was billed.
-- Rule: BL01, an item billed beside one that contains it inside the window of the rule, or the same
-- execution or prescription line billed twice at the same moment (重复收费, 条例 §38; GZ10000102012).
-- The finding is the contained line, or the second one.
-- Source: core.fct_fee_line, core.dim_mutex_pair.
with organisations as (
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

repeated_records as (
    select
        org_code,
        order_exec_id,
        rx_item_id
    from {{ ref('fct_fee_line') }}
    where order_exec_id is not null or rx_item_id is not null
    group by org_code, order_exec_id, rx_item_id
    having count(*) > 1
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
    from {{ ref('fct_fee_line') }} as fee_lines
    where
        exists (
            select 1 from repeated_records
            where
                fee_lines.org_code = repeated_records.org_code
                and coalesce(fee_lines.order_exec_id, '') = coalesce(repeated_records.order_exec_id, '')
                and coalesce(fee_lines.rx_item_id, '') = coalesce(repeated_records.rx_item_id, '')
        )
),

copies as (
    select
        org_code,
        fee_id
    from acts
    where place > 1
),

found as (
    select
        org_code,
        fee_id
    from copies
    union
    select
        org_code,
        fee_id
    from contained_lines
),

judged_lines as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.item_code as subject_id,
        fee_lines.service_month as period_start,
        1 as line_count,
        case
            when copies.fee_id is not null then fee_lines.net_amount
            else fee_lines.net_amount * contained_lines.contained_qty / fee_lines.net_qty
        end as excess,
        case
            when copies.fee_id is not null and site_units.unit is not null then 'several_sites'
            when copies.fee_id is not null then 'fired'
            when
                fee_lines.encounter_type = 'I'
                and contained_lines.window_kind = 'day'
                and not contained_lines.same_department
                then 'transfer_day'
            else 'fired'
        end as verdict
    from found
    inner join {{ ref('fct_fee_line') }} as fee_lines
        on
            found.org_code = fee_lines.org_code
            and found.fee_id = fee_lines.fee_id
    left join contained_lines
        on
            found.org_code = contained_lines.org_code
            and found.fee_id = contained_lines.fee_id
    left join copies
        on
            found.org_code = copies.org_code
            and found.fee_id = copies.fee_id
    left join site_units on fee_lines.unit = site_units.unit
),

-- The many lines that nothing was found of are counted before anything is asked of them.
other_lines as (
    select
        fee_lines.org_code,
        fee_lines.item_code,
        fee_lines.service_month,
        fee_lines.med_list_codg is null as lacks_code,
        count(*) as line_count
    from {{ ref('fct_fee_line') }} as fee_lines
    left join found
        on
            fee_lines.org_code = found.org_code
            and fee_lines.fee_id = found.fee_id
    where found.fee_id is null
    group by fee_lines.org_code, fee_lines.item_code, fee_lines.service_month, fee_lines.med_list_codg is null
),

judged as (
    select
        org_code,
        fee_id,
        subject_id,
        period_start,
        line_count,
        excess,
        verdict
    from judged_lines
    union all
    select
        other_lines.org_code,
        null as fee_id,
        other_lines.item_code as subject_id,
        other_lines.service_month as period_start,
        other_lines.line_count,
        null as excess,
        case
            when organisations_with_rules.org_code is null then 'missing_mutex_pair'
            when other_lines.lacks_code then 'missing_national_code'
            else 'clear'
        end as verdict
    from other_lines
    left join organisations_with_rules on other_lines.org_code = organisations_with_rules.org_code
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_mutex_pair', 'missing_national_code']) }} as outcome
    from judged
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', 'line.excess') }}
),

item_months as (
    {{ subject_months('outcomes', n='sum(line_count)') }}
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
