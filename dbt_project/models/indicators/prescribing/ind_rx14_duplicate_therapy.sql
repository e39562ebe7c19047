-- Grain: one organisation, patient and month in which the patient got two drugs of one class at one visit, or a drug of
-- which an earlier supply should still last; others have nothing to judge.
-- Rule: RX14. (a) Drugs of one pharmacological class at one visit, all but the dearest. (b) A drug of which more than
-- RX14.on_hand_days (acute, chronic) are on hand, counted over all hospitals; see int_duplicate_line. What an inpatient
-- takes home counts like a prescription, in both; its evidence is the fee line. The finding is the line; at risk is its
-- amount, in (b) for the days beyond the limit.
-- Source: int_duplicate_line.
with outcomes as (
    select * from {{ ref('int_duplicate_line') }}
),

evidence as (
    {{
        line_evidence(
            'outcomes', 'rx_item_id', '1', 'line.amount * line.excess_share',
            where="line.outcome in ('fired', 'guarded') and line.rx_item_id is not null",
        )
    }}
    union all
    {{
        line_evidence(
            'outcomes', 'fee_id', '1', 'line.amount * line.excess_share',
            where="line.outcome in ('fired', 'guarded') and line.fee_id is not null",
        )
    }}
),

patient_months as (
    {{
        subject_months('outcomes', {
            'dept_code': "coalesce(max(case when outcome = 'fired' then dept_code end), max(dept_code))",
            'on_hand': 'max(on_hand)',
        })
    }}
),

with_evidence as (
    {{ with_evidence('patient_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'RX14', '1.1.0', "'patient'", 'with_evidence', value='coalesce(evidence_value, 0)', deviation='on_hand',
            absent=['doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
