-- Grain: one line (of a prescription, or of what an inpatient takes home) beside another of its class, or of a drug of
-- which an earlier supply should last.
-- Rule: RX14. (a) all but the dearest drug of a class at one visit; see int_same_class_line. (b) more than
-- RX14.on_hand_days (acute, chronic) on hand, counted over all hospitals; see int_supply_on_hand. excess_share is the
-- part of the line that is too much: all of it (a), the days beyond the limit (b). A table of its own, so that the
-- planner knows how few lines are left.
-- Source: int_supply_line, int_same_class_line, int_supply_on_hand.
with lines as (
    select * from {{ ref('int_supply_line') }}
),

same_class as (
    select * from {{ ref('int_same_class_line') }}
),

supplies as (
    select * from {{ ref('int_supply_on_hand') }}
),

months as (
    select distinct
        org_code,
        rx_month,
        course
    from supplies
),

limits as (
    select
        months.org_code,
        months.rx_month,
        months.course,
        days.value as day_limit
    from months
    {{ threshold_join('days', 'RX14', 'on_hand_days', 'months.org_code', 'months.rx_month', qualifier_sql='months.course') }}
),

excuses as (
    select code as word
    from {{ ref('code_label') }}
    where code_set = 'supply_excuse'
),

-- Few reasons stand for many prescriptions.
excused as (
    select distinct supplies.extend_reason
    from supplies
    inner join excuses on supplies.extend_reason like '%' || excuses.word || '%'
),

compared as (
    select
        supplies.org_code,
        supplies.visit_id,
        supplies.drug_name,
        greatest(supplies.on_hand, 0) as on_hand,
        least(1, (supplies.on_hand - limits.day_limit) / nullif(supplies.days, 0)) as excess_share,
        case
            when
                supplies.on_hand <= limits.day_limit
                and supplies.is_after_unknown
                and supplies.days_since <= limits.day_limit
                then 'missing_days'
            when supplies.on_hand <= limits.day_limit then 'clear'
            when excused.extend_reason is not null then 'written_reason'
            when supplies.is_strength_change then 'strength_change'
            else 'fired'
        end as finding
    from supplies
    inner join limits
        on
            limits.org_code = supplies.org_code
            and limits.rx_month = supplies.rx_month
            and limits.course = supplies.course
    left join excused on excused.extend_reason = supplies.extend_reason
),

findings as (
    select
        org_code,
        line_id,
        finding,
        1 as excess_share,
        0 as on_hand
    from same_class
    union all
    select
        compared.org_code,
        lines.line_id,
        compared.finding,
        compared.excess_share,
        compared.on_hand
    from compared
    inner join lines
        on
            lines.org_code = compared.org_code
            and coalesce(lines.visit_id, lines.rx_id) = compared.visit_id
            and lines.drug_name = compared.drug_name
),

judged as (
    select
        findings.*,
        {{ outcome_of('finding', ['missing_class', 'missing_days']) }} as outcome
    from findings
),

-- A line that breaks both rules counts once.
judged_lines as (
    select
        org_code,
        line_id,
        {{ worst_outcome('outcome') }} as outcome,
        coalesce({{ worst_reason('outcome', 'finding') }}, 'clear') as verdict,
        coalesce(
            max(case when outcome = 'fired' then excess_share end), max(case when outcome = 'guarded' then excess_share end)
        ) as excess_share,
        max(on_hand) as on_hand
    from judged
    group by org_code, line_id
),

outcomes as (
    select
        judged_lines.org_code,
        judged_lines.line_id,
        lines.rx_item_id,
        lines.fee_id,
        lines.patient_id as subject_id,
        lines.rx_month as period_start,
        lines.dept_code,
        lines.amount,
        judged_lines.outcome,
        judged_lines.verdict,
        cast(judged_lines.excess_share as numeric(18, 8)) as excess_share,
        cast(judged_lines.on_hand as numeric(18, 4)) as on_hand
    from judged_lines
    inner join lines
        on
            lines.org_code = judged_lines.org_code
            and lines.line_id = judged_lines.line_id
    where lines.patient_id is not null
)

select * from outcomes
