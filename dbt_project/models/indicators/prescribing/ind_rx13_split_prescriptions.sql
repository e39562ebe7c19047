-- Grain: one organisation, doctor and month with outpatient, emergency or paediatric prescriptions.
-- Rule: RX13, prescriptions of one person, day, department, kind and main diagnosis that together pass a limit
-- which each alone keeps: more than five drugs (RX01), days of one drug (RX02), the local cap of a visit
-- (RX13.visit_cap, only where a hospital sets one). Amount at risk are all sheets but the dearest.
-- Source: core.fct_prescription, int_split_group, int_split_sheet, int_prescription_fund.
with prescriptions as (
    select * from {{ ref('fct_prescription') }}
    where rx_kind in ('outpatient', 'emergency', 'pediatric')
),

groups as (
    select * from {{ ref('int_split_group') }}
),

fund_shares as (
    select * from {{ ref('int_prescription_fund') }}
),

passed as (
    select
        groups.*,
        max_drugs.value as max_drugs,
        groups.drugs_together > max_drugs.value and groups.drugs_alone <= max_drugs.value as passes_drugs,
        coalesce(groups.has_long_supply, 0) = 1 as passes_days,
        coalesce(groups.amount_together > visit_cap.value and groups.amount_alone <= visit_cap.value, false) as passes_cap
    from groups
    {{ threshold_join('max_drugs', 'RX01', 'max_drugs', 'groups.org_code', 'groups.rx_month') }}
    {{ threshold_join('visit_cap', 'RX13', 'visit_cap', 'groups.org_code', 'groups.rx_month') }}
),

judged as (
    select
        passed.*,
        case
            when (passes_drugs or passes_days or passes_cap) and main_icd3 is null then 'missing_diagnosis'
            when (passes_drugs or passes_days or passes_cap) and has_long_term = 1 then 'long_term_program'
            when passes_days and has_reason = 1 and not passes_drugs and not passes_cap then 'written_reason'
            when (passes_drugs or passes_days or passes_cap) and group_scope = 'across' then 'different_departments'
            when passes_drugs or passes_days or passes_cap then 'fired'
            when has_long_supply = 0 then 'smallest_pack'
            when all_names > max_drugs and drugs_alone <= max_drugs and drugs_together <= max_drugs then 'separate_sheets'
            else 'clear'
        end as verdict
    from passed
),

outcomes as (
    select
        judged.*,
        doctor_code as subject_id,
        rx_month as period_start,
        {{ outcome_of('verdict', not_computable=['missing_diagnosis']) }} as outcome
    from judged
    where verdict <> 'clear'
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'his_rx' as source_table,
        sheets.rx_id as row_key,
        cast(1 as numeric(18, 8)) / outcomes.sheets as value,
        case when sheets.amount_rank > 1 then sheets.amount else 0 end as risk_gross,
        case when sheets.amount_rank > 1 then sheets.amount * coalesce(fund_shares.insured_share, 0) else 0 end
            as risk_fund
    from outcomes
    inner join {{ ref('int_split_sheet') }} as sheets
        on
            sheets.org_code = outcomes.org_code
            and sheets.group_key = outcomes.group_key
    left join fund_shares on fund_shares.org_code = sheets.org_code and fund_shares.rx_id = sheets.rx_id
    where outcomes.outcome in ('fired', 'guarded')
),

results as (
    select
        org_code,
        subject_id,
        period_start,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        count(case when outcome = 'fired' then 1 end) as value,
        max(case when outcome = 'fired' then sheets end) as deviation
    from outcomes
    group by org_code, subject_id, period_start
),

doctor_months as (
    select
        prescriptions.org_code,
        prescriptions.doctor_code as subject_id,
        prescriptions.doctor_code,
        max(prescriptions.dept_code) as dept_code,
        prescriptions.rx_month as period_start,
        {{ add_days(add_months('prescriptions.rx_month', 1), -1) }} as period_end,
        coalesce(max(results.outcome), 'clear') as outcome,
        max(results.reason) as reason,
        'red' as zone,
        '疑点' as state,
        max(max_drugs.value) as threshold,
        count(*) as n,
        coalesce(max(results.value), 0) as value,
        max(results.deviation) as deviation
    from prescriptions
    {{ threshold_join('max_drugs', 'RX01', 'max_drugs', 'prescriptions.org_code', 'prescriptions.rx_month') }}
    left join results
        on
            results.org_code = prescriptions.org_code
            and results.subject_id = prescriptions.doctor_code
            and results.period_start = prescriptions.rx_month
    group by prescriptions.org_code, prescriptions.doctor_code, prescriptions.rx_month
),

with_evidence as (
    {{ with_evidence('doctor_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'RX13', '1.0.0', "'doctor'", 'with_evidence',
            absent=['expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
