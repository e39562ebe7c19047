-- Grain: one organisation, doctor and month with antibacterials prescribed or ordered.
-- Rule: RX07, class of the antibacterial above the doctor's level on the day (none outside the dates of the right
-- to prescribe); the special class for any outpatient; the special class in a ward by who is not senior. One step
-- up for a day in an emergency is a guard. What a senior doctor orders in a ward needs a consultation, whose
-- records no source carries: such orders are not computable.
-- Source: core.fct_prescription_line, core.fct_ward_drug_order, core.dim_doctor.
with doctors as (
    select * from {{ ref('dim_doctor') }}
),

insured_shares as (
    select * from {{ ref('int_insured_share') }}
    where rx_item_id is not null
),

uses as (
    select
        org_code,
        doctor_code,
        dept_code,
        rx_month as period_start,
        rx_time as use_time,
        rx_kind as setting,
        'his_rx_item' as source_table,
        rx_item_id as row_key,
        antibac_class,
        days_supply,
        amount
    from {{ ref('fct_prescription_line') }}
    where antibac_class is not null and not is_self_provided and rx_kind <> 'discharge'
    union all
    select
        org_code,
        doctor_code,
        dept_code,
        order_month as period_start,
        start_time as use_time,
        'ward' as setting,
        'his_order' as source_table,
        order_id as row_key,
        antibac_class,
        null as days_supply,
        null as amount
    from {{ ref('fct_ward_drug_order') }}
    where antibac_class is not null
),

levelled as (
    select
        uses.*,
        doctors.title_level in ('associate', 'chief') as is_senior,
        case
            when
                cast(uses.use_time as date) < doctors.rx_right_from
                or cast(uses.use_time as date) > doctors.rx_right_to
                then 0
            else doctors.antibac_level
        end as antibac_level
    from uses
    left join doctors
        on
            doctors.org_code = uses.org_code
            and doctors.doctor_code = uses.doctor_code
),

judged as (
    select
        levelled.*,
        max_class.value as max_class,
        case
            when setting not in ('emergency', 'ward') and antibac_class > max_class.value then 'fired'
            when antibac_level is null then 'missing_level'
            when
                setting = 'emergency' and antibac_class = antibac_level + 1 and antibac_level > 0
                and days_supply <= emergency_days.value
                then 'emergency_step'
            when antibac_class > antibac_level then 'fired'
            when setting <> 'ward' or antibac_class <= max_class.value then 'clear'
            when is_senior then 'missing_consultation'
            else 'fired'
        end as verdict
    from levelled
    {{ threshold_join('max_class', 'RX07', 'outpatient_max_class', 'levelled.org_code', 'levelled.period_start') }}
    {{ threshold_join('emergency_days', 'RX07', 'emergency_days', 'levelled.org_code', 'levelled.period_start') }}
),

outcomes as (
    select
        judged.*,
        doctor_code as subject_id,
        {{ outcome_of('verdict', not_computable=['missing_level', 'missing_consultation']) }} as outcome
    from judged
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        outcomes.source_table,
        outcomes.row_key,
        1 as value,
        coalesce(outcomes.amount, 0) as risk_gross,
        coalesce(outcomes.amount, 0) * coalesce(insured_shares.insured_share, 0) as risk_fund
    from outcomes
    left join insured_shares
        on
            insured_shares.org_code = outcomes.org_code
            and insured_shares.rx_item_id = outcomes.row_key
            and outcomes.source_table = 'his_rx_item'
    where outcomes.outcome in ('fired', 'guarded')
),

doctor_months as (
    {{
        subject_months('outcomes', {
            'doctor_code': "subject_id",
            'dept_code': "max(dept_code)",
            'threshold': "max(antibac_level)",
            'value': "count(case when outcome = 'fired' then 1 end)",
            'deviation': "max(case when outcome = 'fired' then antibac_class end)",
        })
    }}
),

with_evidence as (
    {{ with_evidence('doctor_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'RX07', '1.0.0', "'doctor'", 'with_evidence',
            absent=['expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
