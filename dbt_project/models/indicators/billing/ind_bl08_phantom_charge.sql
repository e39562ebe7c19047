-- Grain: one organisation, service and month in which it was billed to inpatients.
-- Rule: BL08, more of a service billed in a stay than was executed or reported (虚记、多记, 条例 §40): none
-- recorded at all is a phantom charge, less recorded an over-recorded one. The finding is what goes
-- beyond, put down to the lines without an execution first, then to the latest.
-- Source: core.fct_fee_line, core.fct_order_execution, core.fct_report, core.fct_ward_stay.
with fee_lines as (
    select * from {{ ref('fct_fee_line') }}
    where encounter_type = 'I' and item_kind = 'service'
),

service_records as (
    select * from {{ ref('int_service_record') }}
),

ward_stays as (
    select * from {{ ref('fct_ward_stay') }}
),

organisations_with_executions as (
    select distinct
        org_code,
        exec_month
    from {{ ref('fct_order_execution') }}
),

compared_lines as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.encounter_id,
        fee_lines.item_code as subject_id,
        fee_lines.service_month as period_start,
        fee_lines.is_auto_billed,
        fee_lines.net_qty,
        fee_lines.net_amount,
        service_records.record_share,
        coalesce(service_records.excess_qty, 0) as stay_excess,
        sum(fee_lines.net_qty) over (
            partition by fee_lines.org_code, fee_lines.encounter_id, fee_lines.item_code, fee_lines.is_auto_billed
            order by
                case when fee_lines.order_exec_id is null then 0 else 1 end,
                fee_lines.fee_time desc,
                fee_lines.fee_id
            rows between unbounded preceding and current row
        ) - fee_lines.net_qty as put_down_before
    from fee_lines
    left join service_records
        on
            fee_lines.org_code = service_records.org_code
            and fee_lines.encounter_id = service_records.adm_id
            and fee_lines.item_code = service_records.item_code
            and not fee_lines.is_auto_billed
),

judged_lines as (
    select
        compared_lines.org_code,
        compared_lines.fee_id,
        compared_lines.subject_id,
        compared_lines.period_start,
        compared_lines.net_qty,
        compared_lines.net_amount,
        greatest(0, least(compared_lines.net_qty, compared_lines.stay_excess - compared_lines.put_down_before))
            as excess_qty,
        case
            when organisations_with_executions.org_code is null then 'missing_executions'
            when compared_lines.is_auto_billed then 'auto_billed'
            when compared_lines.record_share < record_share.value then 'records_elsewhere'
            when compared_lines.stay_excess <= compared_lines.put_down_before then 'clear'
            when ward_stays.dscg_time is null then 'open_stay'
            else 'fired'
        end as verdict
    from compared_lines
    left join ward_stays
        on
            compared_lines.org_code = ward_stays.org_code
            and compared_lines.encounter_id = ward_stays.adm_id
    left join organisations_with_executions
        on
            compared_lines.org_code = organisations_with_executions.org_code
            and compared_lines.period_start = organisations_with_executions.exec_month
    {{
        threshold_join(
            'record_share', 'BL08', 'min_record_share', 'compared_lines.org_code', 'compared_lines.period_start'
        )
    }}
),

outcomes as (
    select
        judged_lines.*,
        {{ outcome_of('verdict', ['missing_executions', 'records_elsewhere']) }} as outcome
    from judged_lines
),

-- What bills itself needs no execution: such lines are guarded without money at risk.
evidence as (
    {{
        line_evidence(
            'outcomes', 'fee_id',
            'line.excess_qty',
            'line.net_amount * line.excess_qty / line.net_qty',
            where="line.outcome = 'fired' or line.verdict = 'open_stay'",
        )
    }}
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
            'BL08', '1.0.0', "'charge_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value',
                'q_value',
            ],
        )
    }}
)

select * from indicator
