-- Grain: one organisation, doctor and month with prescriptions in the rule's scope.
-- Rule: RX01, more than five drugs on one prescription (处方管理办法; review code 1-11). One generic
-- name in two strengths is one drug; solvents, skin tests and herbal pieces do not count. The excess is the
-- cheapest of the counted drugs: no figure rests on a choice against the doctor.
-- Source: core.fct_prescription, core.fct_prescription_line.
with prescriptions as (
    select * from {{ ref('fct_prescription') }}
    where rx_kind in ('outpatient', 'emergency', 'pediatric', 'long_term')
),

limited as (
    select
        prescriptions.org_code,
        prescriptions.rx_id,
        prescriptions.doctor_code,
        prescriptions.dept_code,
        prescriptions.rx_month,
        max_drugs.value as max_drugs
    from prescriptions
    {{ threshold_join('max_drugs', 'RX01', 'max_drugs', 'prescriptions.org_code', 'prescriptions.rx_month') }}
),

line_counts as (
    select
        org_code,
        rx_id,
        count(*) as line_count
    from {{ ref('fct_prescription_line') }}
    group by org_code, rx_id
),

-- Who has no more lines than drugs are allowed breaks no limit: most prescriptions end here.
counted as (
    select
        limited.*,
        coalesce(line_counts.line_count <= limited.max_drugs, false) as is_short
    from limited
    inner join line_counts
        on
            limited.org_code = line_counts.org_code
            and limited.rx_id = line_counts.rx_id
),

lines as (
    select lines.*
    from {{ ref('fct_prescription_line') }} as lines
    inner join counted
        on
            lines.org_code = counted.org_code
            and lines.rx_id = counted.rx_id
    where not counted.is_short
),

insured_shares as (
    select * from {{ ref('int_insured_share') }}
    where rx_item_id is not null
),

drugs as (
    select
        lines.org_code,
        lines.rx_id,
        coalesce(lines.generic_name, lines.drug_code) as drug_name,
        count(distinct lines.drug_code) as drug_codes,
        sum(lines.amount) as amount,
        sum(lines.amount * coalesce(insured_shares.insured_share, 0)) as fund_amount,
        case
            when max(lines.drug_class) is null then 'unknown'
            when max(case when lines.is_solvent or lines.is_skin_test then 1 else 0 end) = 1 then 'excluded'
            when max(lines.drug_class) in ('western', 'patent_tcm', 'preparation') then 'counted'
            else 'excluded'
        end as drug_use
    from lines
    left join insured_shares
        on
            insured_shares.org_code = lines.org_code
            and insured_shares.rx_item_id = lines.rx_item_id
    group by lines.org_code, lines.rx_id, coalesce(lines.generic_name, lines.drug_code)
),

ranked_drugs as (
    select
        drugs.*,
        row_number() over (partition by org_code, rx_id, drug_use order by amount desc, drug_name) as amount_rank
    from drugs
),

long_prescriptions as (
    select
        counted.org_code,
        counted.rx_id,
        counted.doctor_code,
        counted.dept_code,
        counted.rx_month,
        counted.max_drugs,
        sum(case when drug_use = 'counted' and amount_rank > counted.max_drugs then ranked_drugs.amount else 0 end)
            as excess_amount,
        sum(case when drug_use = 'counted' and amount_rank > counted.max_drugs then fund_amount else 0 end)
            as excess_fund_amount,
        case
            when count(case when drug_use = 'counted' then 1 end) > counted.max_drugs then 'fired'
            when count(case when drug_use <> 'excluded' then 1 end) > counted.max_drugs then 'missing_drug_class'
            when sum(drug_codes) > counted.max_drugs then 'uncounted_drugs'
            else 'clear'
        end as verdict
    from counted
    inner join ranked_drugs
        on
            ranked_drugs.org_code = counted.org_code
            and ranked_drugs.rx_id = counted.rx_id
    group by
        counted.org_code, counted.rx_id, counted.doctor_code, counted.dept_code, counted.rx_month, counted.max_drugs
),

judged_prescriptions as (
    select * from long_prescriptions
    union all
    select
        org_code,
        rx_id,
        doctor_code,
        dept_code,
        rx_month,
        max_drugs,
        0 as excess_amount,
        0 as excess_fund_amount,
        'clear' as verdict
    from counted
    where is_short
),

outcomes as (
    select
        judged_prescriptions.*,
        doctor_code as subject_id,
        rx_month as period_start,
        {{ outcome_of('verdict', not_computable=['missing_drug_class']) }} as outcome
    from judged_prescriptions
),

evidence as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'his_rx' as source_table,
        rx_id as row_key,
        1 as value,
        excess_amount as risk_gross,
        excess_fund_amount as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded')
),

doctor_months as (
    {{
        subject_months('outcomes', {
            'doctor_code': "subject_id",
            'dept_code': "max(dept_code)",
            'threshold': "max(max_drugs)",
            'value': "count(case when outcome = 'fired' then 1 end)",
            'deviation': "cast(count(case when outcome = 'fired' then 1 end) as numeric(18, 4)) / count(*)",
        })
    }}
),

with_evidence as (
    {{ with_evidence('doctor_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'RX01', '1.0.1', "'doctor'", 'with_evidence',
            absent=['expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
