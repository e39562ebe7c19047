-- Grain: one graded stay, in the month of its settlement.
-- Rule: XS12. A stay fires where the settlement list and the front page disagree in main diagnosis or main operation and its
-- group weighs more than any that the front page's description ever got (int_list_difference). A disagreement that does not
-- raise the weight is guarded; other differences are counted in `deviation` and no finding. `value` is the weight above the
-- reference, `expected` the reference, `n` the stays behind it.
-- Source: int_list_difference.
with stays as (
    select * from {{ ref('int_list_difference') }}
),

outcomes as (
    select
        org_code,
        mdtrt_id as subject_id,
        setl_month as period_start,
        {{ add_days(add_months('setl_month', 1), -1) }} as period_end,
        dept_code,
        {{
            outcome_of(
                'verdict',
                [
                    'missing_list', 'missing_stay', 'missing_front_page', 'missing_code_map', 'missing_surgery',
                    'no_reference_weight',
                ],
            )
        }} as outcome,
        verdict as reason,
        zone,
        state,
        case when verdict in ('fired', 'weight_not_raised') then weight_raise end as own_raise,
        reference_weight as expected,
        reference_n as n,
        other_differences as deviation,
        setl_id,
        diagnosis_state,
        diagnosis_key,
        front_key,
        operation_state,
        operation_key,
        weight_raise,
        risk_amount
    from stays
),

evidence as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'yb_drg_group' as source_table,
        setl_id as row_key,
        weight_raise as value,
        risk_amount as risk_gross,
        risk_amount as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded')
    union all
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'yb_setl_list_diag_d' as source_table,
        diagnosis_key as row_key,
        0 as value,
        0 as risk_gross,
        0 as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded') and diagnosis_key is not null
    union all
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'his_adm_diag' as source_table,
        front_key as row_key,
        0 as value,
        0 as risk_gross,
        0 as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded') and front_key is not null
    union all
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'yb_setl_list_oprn_d' as source_table,
        operation_key as row_key,
        0 as value,
        0 as risk_gross,
        0 as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded') and operation_key is not null and operation_state <> 'same'
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'XS12', '1.0.0', "'encounter'", 'with_evidence', value='coalesce(evidence_value, own_raise)',
            absent=['doctor_code', 'threshold', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
