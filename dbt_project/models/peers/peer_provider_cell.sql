-- Grain: one measure, provider and cell of case mix: kind of care, main diagnosis (three characters) and decade of
-- age; for measures of patients the sex stands for the diagnosis. A key that a measure does not use is empty.
-- Rule: n observations, their total and their sum of squares. Amounts, days and counts that are skewed enter as
-- ln(1 + x), sums are decimals: the order of rows changes nothing.
{%- set claim_measures = [
    {'id': 'admission', 'x': 'is_admission', 'kind': false, 'diagnosis': true, 'age': true},
    {'id': 'amount_claim', 'x': log_of('amount'), 'kind': true, 'diagnosis': true, 'age': true},
    {'id': 'stay_days', 'x': log_of('days'), 'kind': true, 'diagnosis': true, 'age': false, 'stays': true},
    {'id': 'readmission', 'x': 'is_readmission', 'kind': true, 'diagnosis': true, 'age': false, 'stays': true},
    {'id': 'duplicate', 'x': 'is_duplicate', 'kind': true, 'diagnosis': true, 'age': false},
    {'id': 'diagnosis_count', 'x': 'diagnosis_count', 'kind': true, 'diagnosis': true, 'age': true},
    {'id': 'overlap', 'x': 'is_overlap', 'kind': true, 'diagnosis': false, 'age': false},
    {'id': 'doctor_day', 'x': log_of('doctor_claims'), 'kind': true, 'diagnosis': false, 'age': false},
    {'id': 'doctor_place', 'x': 'is_doctor_elsewhere', 'kind': true, 'diagnosis': false, 'age': false},
] %}

with claims as (
    select * from {{ ref('peer_claim') }}
),

patients as (
    select
        cohort,
        peer_group,
        org_code,
        person_key,
        max(sex) as sex,
        max(age_decade) as age_decade,
        {{ log_of('count(*)') }} as log_claims,
        {{ log_of('sum(amount)') }} as log_amount
    from claims
    group by cohort, peer_group, org_code, person_key
),

observations as (
    {%- for measure in claim_measures %}
    select
        cohort,
        peer_group,
        org_code,
        '{{ measure.id }}' as measure_id,
        {{ 'care_kind' if measure.kind else "''" }} as kind_key,
        {{ 'main_icd3' if measure.diagnosis else "''" }} as diagnosis_key,
        {{ 'age_decade' if measure.age else '-1' }} as age_key,
        cast({{ measure.x }} as numeric(18, 6)) as x
    from claims
    where {{ measure.x }} is not null{{ " and care_kind = 'inpatient'" if measure.stays }}
    union all
    {%- endfor %}
    select
        cohort,
        peer_group,
        org_code,
        'amount_patient' as measure_id,
        '' as kind_key,
        sex as diagnosis_key,
        age_decade as age_key,
        log_amount as x
    from patients
    union all
    select
        cohort,
        peer_group,
        org_code,
        'claims_patient' as measure_id,
        '' as kind_key,
        sex as diagnosis_key,
        age_decade as age_key,
        log_claims as x
    from patients
),

cells as (
    select
        measure_id,
        cohort,
        peer_group,
        org_code,
        kind_key,
        diagnosis_key,
        age_key,
        cast(count(*) as integer) as n,
        cast(sum(x) as numeric(24, 6)) as total,
        cast(sum(x * x) as numeric(30, 12)) as total_sq
    from observations
    group by measure_id, cohort, peer_group, org_code, kind_key, diagnosis_key, age_key
)

select * from cells
