-- Grain: one group of covered trials (those of a window, product and department), and doctor whose use is compared in it: the
-- doctors of the department at all hospitals whom no representative showed the product within XS04.apart_days, and the
-- doctor of each trial, whether met or not.
-- Source: int_visit_trial, int_product_visit, core.dim_doctor.
-- Keys are one column: planners take the columns of a longer one for independent.
with trials as (
    select
        int_visit_trial.*,
        group_key || '|' || org_code || '|' || doctor_code as use_key
    from {{ ref('int_visit_trial') }} as int_visit_trial
    where is_covered
),

trial_groups as (
    select
        group_key,
        window_key,
        product,
        std_dept_code,
        {{ add_days('min(pre_start)', '-1 * cast(max(apart_days) as integer)') }} as first_date,
        max(post_end) as last_date
    from trials
    group by group_key, window_key, product, std_dept_code
),

members as (
    select
        trial_groups.*,
        doctors.org_code,
        doctors.doctor_code,
        trial_groups.group_key || '|' || doctors.org_code || '|' || doctors.doctor_code as use_key
    from trial_groups
    inner join {{ ref('dim_doctor') }} as doctors on doctors.std_dept_code = trial_groups.std_dept_code
),

met as (
    select distinct members.use_key
    from members
    inner join {{ ref('int_product_visit') }} as visits
        on
            visits.org_code = members.org_code
            and visits.doctor_code = members.doctor_code
            and visits.product = members.product
            and visits.visit_date between members.first_date and members.last_date
),

judged as (
    select distinct use_key from trials
),

compared as (
    select
        members.use_key,
        members.group_key,
        members.window_key,
        members.product,
        members.org_code,
        members.doctor_code,
        met.use_key is not null as is_met
    from members
    left join met on met.use_key = members.use_key
    left join judged on judged.use_key = members.use_key
    where met.use_key is null or judged.use_key is not null
)

select * from compared
