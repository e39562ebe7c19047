-- Grain: one organisation, doctor and month with prescription lines whose supply is limited.
-- Rule: RX02, more days of supply than 处方管理办法 and the long-term rules allow. A written reason or the
-- long-term programme widens the limits of ordinary drugs and second-class psychotropics, never those of
-- narcotics; what one smallest pack holds beyond the limit is no excess; drugs used by the pack or on demand are
-- not counted in days. The excess of a line is the part of its amount beyond the limit.
-- Source: int_supply_line.
with lines as (
    select * from {{ ref('int_supply_line') }}
    where rx_item_id is not null and supply_limit is not null
),

judged as (
    select
        lines.*,
        lines.amount * (1 - lines.supply_limit / nullif(lines.supply, 0)) as excess_amount,
        case
            when supply <= supply_limit or (supply is null and is_used_by_pack) then 'clear'
            when supply is null then 'missing_days'
            when is_used_by_pack then 'used_by_pack'
            when
                limit_kind in ('outpatient', 'emergency', 'psy2')
                and extend_reason is not null and (may_be_long_term or not is_long_term)
                then 'written_reason'
            when limit_kind <> 'narcotic_psy1_inj' and supply - supply_limit < pack_days then 'smallest_pack'
            else 'fired'
        end as verdict
    from lines
),

outcomes as (
    select
        judged.*,
        doctor_code as subject_id,
        rx_month as period_start,
        {{ outcome_of('verdict', not_computable=['missing_days']) }} as outcome
    from judged
),

evidence as (
    {{ line_evidence('outcomes', 'rx_item_id', '1', 'coalesce(line.excess_amount, 0)') }}
),

doctor_months as (
    {{
        subject_months('outcomes', {
            'doctor_code': "subject_id",
            'dept_code': "max(dept_code)",
            'threshold': "coalesce(min(case when outcome = 'fired' then supply_limit end), min(supply_limit))",
            'value': "count(case when outcome = 'fired' then 1 end)",
            'deviation': "max(case when outcome = 'fired' then supply / supply_limit end)",
        })
    }}
),

with_evidence as (
    {{ with_evidence('doctor_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'RX02', '1.0.0', "'doctor'", 'with_evidence',
            absent=['expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
