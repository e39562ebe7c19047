-- Grain: one outpatient visit of a patient's busiest days of a month, with what it cost.
-- Source: int_frequent_visit, core.fct_outp_visit, core.fct_fee_line, int_insured_share.
with busiest as (
    select * from {{ ref('int_frequent_visit') }}
    where is_busiest
),

window_visits as (
    select
        busiest.org_code,
        busiest.person_id,
        busiest.visit_month,
        visits.visit_id
    from busiest
    inner join {{ ref('fct_outp_visit') }} as visits
        on
            busiest.org_code = visits.org_code
            and busiest.person_id = visits.person_id
            and cast(visits.register_time as date) <= busiest.visit_date
            and {{ days_between('visits.register_time', 'busiest.visit_date') }} < busiest.window_days
    where visits.visit_kind <> 'physical_exam'
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
