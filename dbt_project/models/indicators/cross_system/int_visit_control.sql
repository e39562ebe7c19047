-- Grain: one trial whose windows the history covers, and doctor whose use is compared in it: the one it is about (rung 0), and
-- the doctors of the same department at the same hospital (rung 1) and at other hospitals (rung 2) whom no representative
-- showed the product within XS04.apart_days.
-- Source: int_visit_trial, int_product_visit, core.dim_doctor.
with trials as (
    select * from {{ ref('int_visit_trial') }}
    where is_covered
),

visits as (
    select * from {{ ref('int_product_visit') }}
),

compared as (
    select
        trials.trial_key,
        trials.window_key,
        trials.product,
        doctors.org_code,
        doctors.doctor_code,
        case
            when doctors.org_code = trials.org_code and doctors.doctor_code = trials.doctor_code then 0
            when doctors.org_code = trials.org_code then 1
            else 2
        end as rung
    from trials
    inner join {{ ref('dim_doctor') }} as doctors on doctors.std_dept_code = trials.std_dept_code
    left join visits
        on
            visits.org_code = doctors.org_code
            and visits.doctor_code = doctors.doctor_code
            and visits.product = trials.product
            and visits.visit_date <= trials.post_end
            and visits.visit_date >= {{ add_days('trials.pre_start', '-1 * cast(trials.apart_days as integer)') }}
    where
        visits.doctor_code is null
        or (doctors.org_code = trials.org_code and doctors.doctor_code = trials.doctor_code)
    group by
        trials.trial_key, trials.window_key, trials.product, trials.org_code, trials.doctor_code,
        doctors.org_code, doctors.doctor_code
)

select * from compared
