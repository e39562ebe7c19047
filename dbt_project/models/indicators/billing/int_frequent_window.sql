-- Grain: one outpatient visit among a patient's busiest days of a month, at the hospital of the row.
-- Rule: a table of its own, so that the planner knows how few visits it has to look up in the fee lines.
-- Source: int_frequent_visit, core.fct_outp_visit.
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
)

select * from window_visits
