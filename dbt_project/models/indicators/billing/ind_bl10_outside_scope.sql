-- Grain: one organisation, charge item and month in which an item with a limit was billed to the insurance.
-- Rule: BL10, the insurance paid for an item outside the scope that its catalogue sets: indication, age, sex,
-- level of the hospital, kind of visit, kind of insurance, department or length of the course
-- (超限定支付范围, 条例 §38; GZ10000101001-012, GZ10000102003-011). The finding is the part of the line
-- outside the scope; what the patient paid in full costs the fund nothing.
-- Source: int_limited_line, core.dim_payment_limit, core.fct_ward_stay, ref.shared_record_diagnosis.
with organisations_with_rules as (
    select distinct organisations.org_code
    from {{ ref('dim_organisation') }} as organisations
    inner join {{ ref('dim_payment_limit') }} as limits
        on
            limits.org_code = '*'
            or organisations.org_code = limits.org_code
),

ward_stays as (
    select * from {{ ref('fct_ward_stay') }}
),

shared_diagnoses as (
    select * from {{ ref('shared_record_diagnosis') }}
),

-- Stays of mothers and newborns, who may be charged on one record.
family_stays as (
    select distinct
        diagnoses.org_code,
        diagnoses.adm_id
    from {{ ref('fct_stay_diagnosis') }} as diagnoses
    inner join shared_diagnoses on diagnoses.icd10 like shared_diagnoses.icd_pattern || '%'
),

judged_limits as (
    select
        lines.org_code,
        lines.fee_id,
        lines.item_code,
        lines.service_month,
        lines.net_amount,
        case when lines.verdict = 'broken' then lines.broken_share end as broken_share,
        case
            when lines.verdict = 'kept' then 'clear'
            when lines.verdict <> 'broken' and lines.insured_share = 0 then 'clear'
            when lines.verdict <> 'broken' then lines.verdict
            when lines.insured_share = 0 then 'self_paid'
            when lines.limit_kind in ('age', 'sex') and family_stays.adm_id is not null then 'shared_record'
            when lines.limit_kind = 'indication' and ward_stays.adm_id is not null and ward_stays.dscg_time is null
                then 'open_stay'
            else 'fired'
        end as verdict
    from {{ ref('int_limited_line') }} as lines
    left join ward_stays
        on
            lines.org_code = ward_stays.org_code
            and lines.encounter_id = ward_stays.adm_id
            and lines.encounter_type = 'I'
    left join family_stays
        on
            lines.org_code = family_stays.org_code
            and lines.encounter_id = family_stays.adm_id
            and lines.encounter_type = 'I'
),

limit_outcomes as (
    select
        judged_limits.*,
        {{
            outcome_of('verdict', [
                'text_limit', 'missing_diagnoses', 'missing_org_level', 'missing_department', 'missing_pack_ratio',
                'missing_days_supply', 'missing_insured_encounter',
            ])
        }} as outcome
    from judged_limits
),

-- A line that breaks several limits is outside the scope once.
judged_lines as (
    select
        org_code,
        fee_id,
        item_code as subject_id,
        service_month as period_start,
        1 as line_count,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as verdict,
        max(net_amount) * coalesce(
            max(case when outcome = 'fired' then broken_share end),
            max(case when outcome = 'guarded' then broken_share end)
        ) as outside_amount
    from limit_outcomes
    group by org_code, fee_id, item_code, service_month
),

-- What cannot be judged because there are no rules, or the item's code is unknown.
unjudged_lines as (
    select
        fee_lines.org_code,
        fee_lines.item_code as subject_id,
        fee_lines.service_month as period_start,
        case
            when organisations_with_rules.org_code is null then 'missing_payment_limit'
            else 'missing_national_code'
        end as verdict,
        count(*) as line_count
    from {{ ref('fct_fee_line') }} as fee_lines
    left join organisations_with_rules on fee_lines.org_code = organisations_with_rules.org_code
    where fee_lines.med_list_codg is null or organisations_with_rules.org_code is null
    group by fee_lines.org_code, fee_lines.item_code, fee_lines.service_month, organisations_with_rules.org_code
),

outcomes as (
    select
        org_code,
        fee_id,
        subject_id,
        period_start,
        line_count,
        outcome,
        verdict,
        outside_amount
    from judged_lines
    union all
    select
        org_code,
        null as fee_id,
        subject_id,
        period_start,
        line_count,
        'not_computable' as outcome,
        verdict,
        null as outside_amount
    from unjudged_lines
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', 'line.outside_amount') }}
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
            'BL10', '1.0.0', "'charge_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value',
                'q_value',
            ],
        )
    }}
)

select * from indicator
