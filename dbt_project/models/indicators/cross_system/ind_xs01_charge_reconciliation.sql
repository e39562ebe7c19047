-- Grain: one organisation and insured encounter, in the month in which it began.
-- Rule: XS01, HIS charges against insurance lines (条例 §39): A only in the insurance, B only in the HIS,
-- C in both with another amount, code or day, D another total. A and C have closed evidence; B and D
-- alone need documents. An encounter of one side only, in months in which the organisation sent nothing of the
-- other, cannot be judged, whatever its lines amount to.
-- Source: int_charge_pair, int_charge_difference, core.fct_stay, core.source_availability.
with differences as (
    select * from {{ ref('int_charge_difference') }}
),

stays as (
    select * from {{ ref('fct_stay') }}
),

-- Months in which an organisation sent lines of the one and of the other side.
his_months as (
    select
        org_code,
        month_start
    from {{ ref('source_availability') }}
    where table_name = 'his_fee'
),

insurance_months as (
    select
        org_code,
        month_start
    from {{ ref('source_availability') }}
    where table_name = 'yb_fee_list_d'
),

encounter_months as (
    select
        org_code,
        mdtrt_id,
        {{ month_of('coalesce(insurance_date, his_date)') }} as month_start,
        max(dept_code) as dept_code,
        max(doctor_code) as doctor_code,
        count(*) as n,
        count(fee_id) as his_lines,
        count(fee_serial) as insurance_lines,
        sum(insurance_amount) as insurance_amount
    from {{ ref('int_charge_pair') }}
    group by org_code, mdtrt_id, {{ month_of('coalesce(insurance_date, his_date)') }}
),

reconciled as (
    select
        months.org_code,
        months.mdtrt_id,
        min(months.month_start) as first_month,
        max(months.dept_code) as dept_code,
        max(months.doctor_code) as doctor_code,
        sum(months.n) as n,
        sum(months.insurance_amount) as insurance_amount,
        case
            when sum(months.his_lines) = 0 and count(his_months.org_code) = 0 then 'missing_his_fees'
            when sum(months.insurance_lines) = 0 and count(insurance_months.org_code) = 0
                then 'missing_insurance_lines'
        end as missing_side
    from encounter_months as months
    left join his_months
        on
            months.org_code = his_months.org_code
            and months.month_start = his_months.month_start
    left join insurance_months
        on
            months.org_code = insurance_months.org_code
            and months.month_start = insurance_months.month_start
    group by months.org_code, months.mdtrt_id
),

encounters as (
    select
        reconciled.*,
        coalesce(stays.begin_month, reconciled.first_month) as begin_month
    from reconciled
    left join stays
        on
            reconciled.org_code = stays.org_code
            and reconciled.mdtrt_id = stays.mdtrt_id
),

judged_differences as (
    select
        differences.*,
        case
            when differences.difference_class = 'B' and insurance_months.org_code is null then 'missing_insurance_lines'
            when differences.difference_class = 'A' and his_months.org_code is null then 'missing_his_fees'
            when {{ days_between('differences.event_date', detect_date()) }} < grace.value then 'within_upload_grace'
            when differences.difference_class = 'B' and differences.his_code = '' then 'not_in_catalogue'
            when differences.is_self_pay then 'self_pay_not_uploaded'
            when
                differences.moved = 'date'
                and abs({{ days_between('differences.his_date', 'differences.insurance_date') }}) <= 1
                then 'midnight_shift'
            when
                differences.difference_class = 'C'
                and differences.moved = 'same'
                and differences.amount_at_risk < excess_share.value * differences.his_amount
                then 'below_excess_share'
            else 'fired'
        end as verdict
    from differences
    left join insurance_months
        on
            insurance_months.org_code = differences.org_code
            and insurance_months.month_start = {{ month_of('differences.event_date') }}
    left join his_months
        on
            his_months.org_code = differences.org_code
            and his_months.month_start = {{ month_of('differences.event_date') }}
    {{ threshold_join('grace', 'XS01', 'upload_grace_days', 'differences.org_code', month_of('differences.event_date')) }}
    {{ threshold_join('excess_share', 'XS01', 'excess_share', 'differences.org_code', month_of('differences.event_date')) }}
),

findings as (
    select
        judged_differences.*,
        {{ outcome_of('verdict', not_computable=['missing_insurance_lines', 'missing_his_fees']) }} as outcome
    from judged_differences
),

encounter_findings as (
    select
        org_code,
        mdtrt_id,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        max(case when outcome = 'fired' and difference_class in ('A', 'C') then 1 else 0 end) as is_closed
    from findings
    group by org_code, mdtrt_id
),

outcomes as (
    select
        encounters.*,
        encounters.mdtrt_id as subject_id,
        encounters.begin_month as period_start,
        {{ add_days(add_months('encounters.begin_month', 1), -1) }} as period_end,
        case
            when encounter_findings.mdtrt_id is not null then encounter_findings.outcome
            when encounters.missing_side is not null then 'not_computable'
            else 'clear'
        end as outcome,
        case
            when encounter_findings.mdtrt_id is not null then encounter_findings.reason
            else encounters.missing_side
        end as reason,
        case when encounter_findings.is_closed = 1 then 'red' else 'yellow' end as zone,
        case when encounter_findings.is_closed = 1 then '疑点' else '线索' end as state,
        tolerance.value as threshold
    from encounters
    left join encounter_findings
        on
            encounter_findings.org_code = encounters.org_code
            and encounter_findings.mdtrt_id = encounters.mdtrt_id
    {{ threshold_join('tolerance', 'XS01', 'settlement_tolerance', 'encounters.org_code', 'encounters.begin_month') }}
),

evidence as (
    select
        findings.org_code,
        findings.mdtrt_id as subject_id,
        encounters.begin_month as period_start,
        findings.outcome,
        findings.source_table,
        findings.row_key,
        findings.amount_at_risk as value,
        findings.amount_at_risk as risk_gross,
        findings.fund_at_risk as risk_fund
    from findings
    inner join encounters
        on encounters.org_code = findings.org_code and encounters.mdtrt_id = findings.mdtrt_id
    where findings.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

measured as (
    select
        with_evidence.*,
        evidence_value / nullif(insurance_amount, 0) as deviation
    from with_evidence
),

indicator as (
    {{
        indicator_rows(
            'XS01', '1.0.1', "'encounter'", 'measured', value='coalesce(evidence_value, 0)',
            absent=['expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
