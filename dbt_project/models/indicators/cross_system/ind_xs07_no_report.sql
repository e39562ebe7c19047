-- Grain: one organisation, examination or laboratory item and month in which it was billed.
-- Rule: XS07, lines billed to outpatients and inpatients without a report in time (条例 §40, 虚记). It differs from BL08,
-- which compares quantities of inpatients with what was executed or reported, whenever that was: here the result itself
-- is asked for, within days, of outpatients too, and an execution does not stand for it.
-- Source: int_report_match, core.fct_fee_line, core.fct_report.
with matches as (
    select * from {{ ref('int_report_match') }}
),

report_months as (
    select distinct
        org_code,
        exec_month
    from {{ ref('fct_report') }}
),

judged as (
    select
        matches.*,
        matches.item_code as subject_id,
        matches.service_month as period_start,
        matches.line_count - matches.report_count as lacking,
        case
            when report_months.org_code is null then 'missing_reports'
            when matches.kept_share < kept_share.value then 'reports_elsewhere'
            when matches.line_count <= matches.report_count then 'clear'
            when {{ days_between('matches.last_time', detect_date()) }} <= matches.limit_days then 'report_due'
            when matches.line_count <= matches.report_count + matches.registered_count then 'registered_only'
            when matches.line_count <= matches.report_count + matches.early_count then 'reported_earlier'
            else 'fired'
        end as verdict
    from matches
    left join report_months
        on
            report_months.org_code = matches.org_code
            and report_months.exec_month = matches.service_month
    {{ threshold_join('kept_share', 'XS07', 'min_item_share', 'matches.org_code', 'matches.service_month') }}
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_reports', 'reports_elsewhere']) }} as outcome
    from judged
),

-- The latest lines of an encounter are those without a report.
lacking_lines as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        outcomes.lacking,
        lines.fee_id,
        lines.net_amount,
        row_number() over (
            partition by lines.org_code, lines.encounter_type, lines.encounter_id, lines.item_code, lines.service_month
            order by lines.fee_time desc, lines.fee_id
        ) as line_no
    from outcomes
    inner join {{ ref('fct_fee_line') }} as lines
        on
            lines.org_code = outcomes.org_code
            and lines.service_month = outcomes.service_month
            and lines.encounter_type = outcomes.encounter_type
            and lines.encounter_id = outcomes.encounter_id
            and lines.item_code = outcomes.item_code
            and lines.item_kind = 'service'
    where outcomes.outcome in ('fired', 'guarded')
),

evidence as (
    {{ line_evidence('lacking_lines', 'fee_id', '1', 'line.net_amount', where='line.line_no <= line.lacking') }}
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
            'XS07', '1.0.0', "'report_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value',
                'q_value',
            ],
        )
    }}
)

select * from indicator
