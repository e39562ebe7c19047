-- Grain: one outpatient visit among a patient's busiest days of a month, with what it cost.
-- Source: int_frequent_window, core.fct_fee_line, int_insured_share.
with window_visits as (
    select * from {{ ref('int_frequent_window') }}
),

charged as (
    select
        window_visits.org_code,
        window_visits.person_id,
        window_visits.visit_month,
        window_visits.visit_id,
        cast(coalesce(sum(fee_lines.net_amount), 0) as numeric(18, 2)) as amount,
        cast(coalesce(sum(fee_lines.net_amount * insured_shares.insured_share), 0) as numeric(18, 2))
            as insured_amount
    from window_visits
    left join {{ ref('fct_fee_line') }} as fee_lines
        on
            window_visits.org_code = fee_lines.org_code
            and window_visits.visit_id = fee_lines.encounter_id
            and fee_lines.encounter_type = 'O'
    left join {{ ref('int_insured_share') }} as insured_shares
        on
            fee_lines.org_code = insured_shares.org_code
            and fee_lines.fee_id = insured_shares.fee_id
    group by window_visits.org_code, window_visits.person_id, window_visits.visit_month, window_visits.visit_id
)

select * from charged
