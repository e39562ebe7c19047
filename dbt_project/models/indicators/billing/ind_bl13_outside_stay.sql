-- Grain: one organisation and inpatient stay, in the month of admission.
-- Rule: BL13, charges for services more than a day before admission or after discharge, or a stay that
-- overlaps another one of the same person (计费时间与住院时间不符, 条例 §38; GZ10000201008). The finding is
-- those charges, and the part of the stay's amount that falls on the days it shares.
-- Source: core.fct_ward_stay, core.fct_stay, core.fct_fee_line, ref.shared_record_diagnosis.
with ward_stays as (
    select * from {{ ref('fct_ward_stay') }}
),

insured_stays as (
    select * from {{ ref('fct_stay') }}
),

shared_diagnoses as (
    select * from {{ ref('shared_record_diagnosis') }}
),

stays as (
    select
        coalesce(ward_stays.org_code, insured_stays.org_code) as org_code,
        ward_stays.adm_id,
        insured_stays.mdtrt_id is not null and insured_stays.psn_key is null as is_of_nobody,
        coalesce(insured_stays.mdtrt_id, ward_stays.hi_mdtrt_id, ward_stays.adm_id) as subject_id,
        coalesce(ward_stays.dept_code, insured_stays.dept_code) as dept_code,
        coalesce({{ month_of('ward_stays.adm_time') }}, insured_stays.begin_month) as period_start
    from ward_stays
    full outer join insured_stays
        on
            ward_stays.org_code = insured_stays.org_code
            and ward_stays.hi_mdtrt_id = insured_stays.mdtrt_id
),

-- Mothers and newborns, whose records and numbers may be shared.
family_stays as (
    select distinct
        insured_stays.org_code,
        insured_stays.mdtrt_id
    from insured_stays
    inner join shared_diagnoses on insured_stays.main_icd like shared_diagnoses.icd_pattern || '%'
),

outside_lines as (
    select
        lines.org_code,
        lines.fee_id,
        stays.subject_id,
        stays.dept_code,
        stays.period_start,
        lines.days_off,
        lines.net_amount,
        case
            when lines.verdict = 'fired' and family_stays.mdtrt_id is not null then 'newborn'
            else lines.verdict
        end as verdict
    from {{ ref('int_line_outside_stay') }} as lines
    inner join stays
        on
            lines.org_code = stays.org_code
            and lines.adm_id = stays.adm_id
    left join family_stays
        on
            stays.org_code = family_stays.org_code
            and stays.subject_id = family_stays.mdtrt_id
),

overlapping_stays as (
    select
        pairs.org_code,
        stays.subject_id,
        stays.dept_code,
        stays.period_start,
        pairs.other_org_code,
        pairs.other_mdtrt_id,
        pairs.overlap_days,
        pairs.overlap_amount,
        pairs.overlap_fund_amount,
        case
            when pairs.verdict <> 'fired' then pairs.verdict
            when family_stays.mdtrt_id is not null or other_family.mdtrt_id is not null then 'newborn'
            else 'fired'
        end as verdict
    from {{ ref('int_overlapping_stay') }} as pairs
    inner join stays
        on
            pairs.org_code = stays.org_code
            and pairs.mdtrt_id = stays.subject_id
    left join family_stays
        on
            pairs.org_code = family_stays.org_code
            and pairs.mdtrt_id = family_stays.mdtrt_id
    left join family_stays as other_family
        on
            pairs.other_org_code = other_family.org_code
            and pairs.other_mdtrt_id = other_family.mdtrt_id
),

-- Every stay once, and what was found of it.
judged as (
    select
        org_code,
        subject_id,
        dept_code,
        period_start,
        0 as days,
        case
            when adm_id is null then 'missing_admission'
            when is_of_nobody then 'missing_person'
            else 'clear'
        end as verdict
    from stays
    union all
    select
        org_code,
        subject_id,
        dept_code,
        period_start,
        days_off as days,
        verdict
    from outside_lines
    union all
    select
        org_code,
        subject_id,
        dept_code,
        period_start,
        overlap_days as days,
        verdict
    from overlapping_stays
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_admission', 'missing_person', 'missing_discharge_date']) }} as outcome
    from judged
),

line_outcomes as (
    select
        outside_lines.*,
        {{ outcome_of('verdict', ['missing_discharge_date']) }} as outcome
    from outside_lines
),

overlap_outcomes as (
    select
        overlapping_stays.*,
        {{ outcome_of('verdict', ['missing_discharge_date']) }} as outcome
    from overlapping_stays
),

-- A stay that overlaps several others is one row: the largest share counts.
overlap_evidence as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'yb_mdtrt_d' as source_table,
        subject_id as row_key,
        max(overlap_days) as value,
        max(overlap_amount) as risk_gross,
        max(overlap_fund_amount) as risk_fund
    from overlap_outcomes
    where outcome in ('fired', 'guarded')
    group by org_code, subject_id, period_start, outcome
    union all
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'yb_mdtrt_d' as source_table,
        other_mdtrt_id as row_key,
        overlap_days as value,
        0 as risk_gross,
        0 as risk_fund
    from overlap_outcomes
    where outcome in ('fired', 'guarded') and other_org_code = org_code
),

evidence as (
    {{ line_evidence('line_outcomes', 'fee_id', 'line.days_off', 'line.net_amount') }}
    union all
    select * from overlap_evidence
),

stay_months as (
    {{
        subject_months('outcomes', {
            'dept_code': 'max(dept_code)',
            'days': (
                "coalesce(max(case when outcome = 'fired' then days end),"
                ~ " max(case when outcome = 'guarded' then days end), 0)"
            ),
        })
    }}
),

with_evidence as (
    {{ with_evidence('stay_months', 'evidence') }}
),

with_limit as (
    select
        with_evidence.*,
        tolerance.value as threshold
    from with_evidence
    {{
        threshold_join(
            'tolerance', 'BL13', 'tolerance_days', 'with_evidence.org_code', 'with_evidence.period_start'
        )
    }}
),

indicator as (
    {{
        indicator_rows(
            'BL13', '1.0.1', "'encounter'", 'with_limit', value='days',
            absent=['doctor_code', 'expected', 'peer_group', 'peer_n', 'n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
