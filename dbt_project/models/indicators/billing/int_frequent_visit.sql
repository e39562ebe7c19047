-- Grain: one outpatient visit of a person who came BL14.min_visits times or more in the days that end
-- with it, at whichever hospitals.
-- Rule: BL14.window_days with the day of the visit; check-ups do not count. Of the visits, those that
-- belong to a course of treatment (ref.treatment_course) are counted apart, and those without diagnosis.
-- is_busiest marks the visit of a person, hospital and month that ends the fullest window.
-- Source: core.fct_outp_visit.
with visits as (
    select
        org_code,
        visit_id,
        patient_id,
        person_id,
        cast(register_time as date) as visit_date,
        {{ month_of('register_time') }} as visit_month,
        dept_code,
        std_dept_code,
        main_icd3
    from {{ ref('fct_outp_visit') }}
    where visit_kind <> 'physical_exam'
),

least_visits as (
    select min(value) as value
    from {{ ref('org_threshold') }}
    where indicator_id = 'BL14' and param = 'min_visits'
),

month_counts as (
    select
        person_id,
        visit_month,
        count(*) as visit_count
    from visits
    group by person_id, visit_month
),

-- Only who came so often in a month and the one before can have come so often in thirty days.
frequent_persons as (
    select distinct present.person_id
    from month_counts as present
    left join month_counts as past
        on
            present.person_id = past.person_id
            and past.visit_month = {{ add_months('present.visit_month', -1) }}
    cross join least_visits
    where present.visit_count + coalesce(past.visit_count, 0) >= least_visits.value
),

frequent_visits as (
    select visits.*
    from visits
    inner join frequent_persons on visits.person_id = frequent_persons.person_id
),

course_visits as (
    select distinct
        frequent_visits.org_code,
        frequent_visits.visit_id
    from frequent_visits
    inner join {{ ref('treatment_course') }} as courses
        on
            (courses.match_on = 'diagnosis' and frequent_visits.main_icd3 like courses.pattern || '%')
            or (courses.match_on = 'department' and frequent_visits.std_dept_code like courses.pattern || '%')
),

marked as (
    select
        frequent_visits.*,
        course_visits.visit_id is not null as is_course
    from frequent_visits
    left join course_visits
        on
            frequent_visits.org_code = course_visits.org_code
            and frequent_visits.visit_id = course_visits.visit_id
),

counted as (
    select
        later.org_code,
        later.visit_id,
        later.patient_id,
        later.person_id,
        later.visit_date,
        later.visit_month,
        later.dept_code,
        cast(max(window_days.value) as integer) as window_days,
        max(floor_visits.value) as min_visits,
        count(*) as visit_count,
        sum(case when earlier.is_course then 1 else 0 end) as course_count,
        sum(case when not earlier.is_course and earlier.main_icd3 is null then 1 else 0 end) as undiagnosed_count
    from marked as later
    {{ threshold_join('window_days', 'BL14', 'window_days', 'later.org_code', 'later.visit_month') }}
    {{ threshold_join('floor_visits', 'BL14', 'min_visits', 'later.org_code', 'later.visit_month') }}
    inner join marked as earlier
        on
            later.person_id = earlier.person_id
            and later.visit_date >= earlier.visit_date
            and {{ days_between('earlier.visit_date', 'later.visit_date') }} < window_days.value
    group by
        later.org_code,
        later.visit_id,
        later.patient_id,
        later.person_id,
        later.visit_date,
        later.visit_month,
        later.dept_code
),

kept as (
    select
        org_code,
        visit_id,
        patient_id,
        person_id,
        visit_date,
        visit_month,
        dept_code,
        window_days,
        cast(visit_count as integer) as visit_count,
        cast(course_count as integer) as course_count,
        cast(undiagnosed_count as integer) as undiagnosed_count,
        row_number() over (
            partition by org_code, person_id, visit_month
            order by visit_count - course_count desc, visit_count desc, visit_date desc, visit_id
        ) = 1 as is_busiest
    from counted
    where visit_count >= min_visits
)

select * from kept
