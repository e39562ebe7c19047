-- Grain: one organisation, month and either doctor or department (share) or key-monitored drug (growth).
-- Rule: RX10. Share: the part of key-monitored drugs in the drug amount of a doctor, a clinical department or a ward is
-- an outlier among peers (modified z, false discovery rate held, two of the last three months). A ward that only wards of
-- other subjects (rung 4) can be compared with is guarded: what wards use differs too much. Of a department that is
-- a clinic and a ward under one code the setting with the finding, else with the higher z, stands. Growth: see
-- int_product_growth. Use that a diagnosis supports (peer_key_use) counts neither as key-monitored nor as growth.
-- Source: peers.peer_prescribing_score, peers.peer_key_use, int_product_growth.
with uses as (
    select * from {{ ref('peer_key_use') }}
    where not is_supported
),

scored as (
    select
        scores.*,
        case
            when not scores.has_volume then 'below_volume'
            when scores.peer_group is null then 'no_peer_group'
            when not scores.is_outlier then 'clear'
            when scores.metric = 'ward_key_share' and scores.rung = 4 then 'other_departments'
            when scores.outlier_months < persistence.value then 'not_persistent'
            when scores.q_value > fdr.value then 'false_discovery'
            else 'fired'
        end as verdict,
        case scores.metric when 'key_share' then 'doctor' else 'department' end as subject_type,
        case scores.metric when 'ward_key_share' then 'inpatient' else 'outpatient' end as setting
    from {{ ref('peer_prescribing_score') }} as scores
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'scores.org_code', 'scores.rx_month') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'scores.org_code', 'scores.rx_month') }}
    where scores.metric in ('key_share', 'dept_key_share', 'ward_key_share')
),

ranked as (
    select
        scored.*,
        row_number() over (
            partition by org_code, subject_type, doctor_code, rx_month
            order by
                case verdict when 'fired' then 1 when 'below_volume' then 3 else 2 end,
                case when z_score is null then 1 else 0 end,
                z_score desc,
                setting
        ) as choice
    from scored
),

verdicts as (
    select
        org_code,
        subject_type,
        doctor_code as subject_id,
        case when subject_type = 'doctor' then doctor_code end as doctor_code,
        dept_code,
        setting,
        rx_month as period_start,
        verdict,
        metric_value as value,
        z_limit as threshold,
        expected,
        limit_lower,
        limit_upper,
        peer_group,
        peer_n,
        n,
        z_score as deviation,
        p_value,
        q_value,
        1 - expected / nullif(metric_value, 0) as excess_share
    from ranked
    where choice = 1
    union all
    select
        org_code,
        'drug' as subject_type,
        generic_name as subject_id,
        null as doctor_code,
        null as dept_code,
        null as setting,
        rx_month as period_start,
        verdict,
        ddds / nullif(baseline, 0) - 1 as value,
        growth_limit as threshold,
        baseline as expected,
        null as limit_lower,
        null as limit_upper,
        null as peer_group,
        null as peer_n,
        prescriptions as n,
        ddds - baseline as deviation,
        p_value,
        q_value,
        1 - baseline / nullif(ddds, 0) as excess_share
    from {{ ref('int_product_growth') }}
),

outcomes as (
    select
        verdicts.*,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['below_volume', 'no_peer_group', 'missing_ddd', 'short_history']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state
    from verdicts
),

in_question as (
    select * from outcomes
    where outcome in ('fired', 'guarded')
),

uses_behind as (
    select
        in_question.org_code,
        in_question.subject_type,
        in_question.subject_id,
        in_question.period_start,
        in_question.outcome,
        uses.source_table,
        uses.row_key,
        in_question.value * uses.amount / nullif(sum(uses.amount) over subject, 0) as value,
        uses.amount * greatest(in_question.excess_share, 0) as risk_gross
    from in_question
    inner join uses
        on
            uses.org_code = in_question.org_code
            and uses.use_month = in_question.period_start
            and in_question.subject_id
            = case in_question.subject_type
                when 'doctor' then uses.doctor_code
                when 'department' then uses.dept_code
                else uses.generic_name
            end
            and (in_question.subject_type = 'drug' or uses.setting = in_question.setting)
    window subject as (
        partition by
            in_question.org_code, in_question.subject_type, in_question.subject_id, in_question.period_start
    )
),

prescribed_lines as (
    select
        uses_behind.*,
        uses_behind.row_key as rx_item_id
    from uses_behind
    where uses_behind.source_table = 'his_rx_item'
),

-- A hand-out takes the insured share of the fee line that charged it.
evidence as (
    {{ line_evidence('prescribed_lines', 'rx_item_id', 'line.value', 'line.risk_gross', typed=true) }}
    union all
    select
        uses_behind.org_code,
        uses_behind.subject_type,
        uses_behind.subject_id,
        uses_behind.period_start,
        uses_behind.outcome,
        uses_behind.source_table,
        uses_behind.row_key,
        uses_behind.value,
        uses_behind.risk_gross,
        uses_behind.risk_gross * coalesce(shares.insured_share, 0) as risk_fund
    from uses_behind
    inner join {{ ref('fct_ward_dispense') }} as dispenses
        on
            dispenses.org_code = uses_behind.org_code
            and dispenses.dispense_id = uses_behind.row_key
    left join {{ ref('int_insured_share') }} as shares
        on
            shares.org_code = dispenses.org_code
            and shares.fee_id = dispenses.fee_id
    where uses_behind.source_table = 'his_dispense'
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{ indicator_rows('RX10', '1.1.0', 'subject_type', 'with_evidence', limits=true) }}
)

select * from indicator
