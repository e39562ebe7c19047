-- Grain: one organisation, charge item and month in which the item was billed; an item without a limit is clear.
-- Rule: BL02, more of an item for one person than its limit allows in the window (超频次, 条例 §38;
-- GZ10000102014). The finding is what goes beyond the limit.
-- Source: core.fct_fee_line, core.dim_frequency_limit.
with organisations as (
    select * from {{ ref('dim_organisation') }}
),

organisations_with_rules as (
    select distinct organisations.org_code
    from organisations
    inner join {{ ref('dim_frequency_limit') }} as limits
        on
            limits.org_code = '*'
            or organisations.org_code = limits.org_code
),

limited_lines as (
    select * from {{ ref('int_frequency_line') }}
),

judged_lines as (
    select
        limited_lines.org_code,
        limited_lines.fee_id,
        fee_lines.item_code as subject_id,
        fee_lines.service_month as period_start,
        1 as line_count,
        limited_lines.max_qty,
        limited_lines.excess_qty,
        fee_lines.net_amount * limited_lines.excess_qty / fee_lines.net_qty as excess,
        case
            when limited_lines.unit_differs then 'unit_differs'
            when
                fee_lines.encounter_type = 'I'
                and limited_lines.window_kind = 'day'
                and limited_lines.other_department
                then 'transfer_day'
            else 'fired'
        end as verdict
    from limited_lines
    inner join {{ ref('fct_fee_line') }} as fee_lines
        on
            limited_lines.org_code = fee_lines.org_code
            and limited_lines.fee_id = fee_lines.fee_id
    where limited_lines.excess_qty > 0
),

-- The many lines that exceed nothing are counted before anything is asked of them.
other_lines as (
    select
        fee_lines.org_code,
        fee_lines.item_code,
        fee_lines.service_month,
        fee_lines.med_list_codg is null as lacks_code,
        count(*) as line_count,
        max(limited_lines.max_qty) as max_qty
    from {{ ref('fct_fee_line') }} as fee_lines
    left join limited_lines
        on
            fee_lines.org_code = limited_lines.org_code
            and fee_lines.fee_id = limited_lines.fee_id
    -- A plain boolean: of an equation PostgreSQL expects 0.5 % of the rows, and would sort all of them.
    where not coalesce(limited_lines.excess_qty > 0, false)
    group by fee_lines.org_code, fee_lines.item_code, fee_lines.service_month, fee_lines.med_list_codg is null
),

judged as (
    select
        org_code,
        fee_id,
        subject_id,
        period_start,
        line_count,
        max_qty,
        excess_qty,
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
        other_lines.max_qty,
        null as excess_qty,
        null as excess,
        case
            when organisations_with_rules.org_code is null then 'missing_frequency_limit'
            when other_lines.lacks_code then 'missing_national_code'
            else 'clear'
        end as verdict
    from other_lines
    left join organisations_with_rules on other_lines.org_code = organisations_with_rules.org_code
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_frequency_limit', 'missing_national_code']) }} as outcome
    from judged
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', 'line.excess_qty', 'line.excess') }}
),

item_months as (
    {{ subject_months('outcomes', {'threshold': 'max(max_qty)'}, n='sum(line_count)') }}
),

with_evidence as (
    {{ with_evidence('item_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL02', '1.0.0', "'charge_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value',
            ],
        )
    }}
)

select * from indicator
