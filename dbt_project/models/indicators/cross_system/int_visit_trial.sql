-- Grain: one doctor, product and day from which the use before and after is compared: the first visit of a series, or a
-- placebo date on which nothing happened.
-- Rule: placebo dates are the first days of months for each doctor of a department that was shown the product, unless a
-- representative showed that doctor the product within XS04.apart_days of the windows. What continues a series of visits is
-- not covered: the days before it are not without visits. Before are XS04.pre_days, after the
-- days up to XS04.post_days behind the last visit (behind the placebo date). Placebo dates of one day share a window_key, trials of
-- one window, product and department a group_key.
-- Source: int_product_visit, core.fct_prescription, core.dim_doctor, core.org_month.
with visits as (
    select * from {{ ref('int_product_visit') }}
),

doctors as (
    select * from {{ ref('dim_doctor') }}
),

histories as (
    select
        org_code,
        cast(min(rx_time) as date) as first_date,
        cast(max(rx_time) as date) as last_date
    from {{ ref('fct_prescription') }}
    group by org_code
),

series as (
    select
        org_code,
        doctor_code,
        dept_code,
        std_dept_code,
        product,
        series_start as trial_date,
        max(visit_date) as last_visit,
        count(*) as visits,
        is_continued,
        1 = 0 as is_placebo
    from visits
    group by org_code, doctor_code, dept_code, std_dept_code, product, series_start, is_continued
),

shown as (
    select distinct
        org_code,
        dept_code,
        product
    from visits
),

placebos as (
    select
        shown.org_code,
        doctors.doctor_code,
        doctors.dept_code,
        doctors.std_dept_code,
        shown.product,
        months.month_start as trial_date,
        months.month_start as last_visit,
        0 as visits,
        1 = 0 as is_continued,
        1 = 1 as is_placebo
    from shown
    inner join doctors
        on
            doctors.org_code = shown.org_code
            and doctors.dept_code = shown.dept_code
    inner join {{ ref('org_month') }} as months on months.org_code = shown.org_code
),

trials as (
    select * from series
    union all
    select * from placebos
),

limited as (
    select
        trials.*,
        trials.org_code || '|' || trials.doctor_code || '|' || trials.product || '|'
        || {{ as_text('trials.trial_date') }} || case when trials.is_placebo then '|placebo' else '' end as trial_key,
        {{ add_days('trials.trial_date', '-1 * cast(pre.value as integer)') }} as pre_start,
        least({{ add_days('trials.last_visit', 'cast(post.value as integer)') }}, histories.last_date) as post_end,
        post.value as post_days,
        apart.value as apart_days,
        histories.first_date
    from trials
    inner join histories on histories.org_code = trials.org_code
    {{ threshold_join('pre', 'XS04', 'pre_days', 'trials.org_code', month_of('trials.trial_date')) }}
    {{ threshold_join('post', 'XS04', 'post_days', 'trials.org_code', month_of('trials.trial_date')) }}
    {{ threshold_join('apart', 'XS04', 'apart_days', 'trials.org_code', month_of('trials.trial_date')) }}
),

-- Placebo dates whose windows a visit may have touched; by one key, else planners expect a row and go through all for each.
touched as (
    select distinct limited.trial_key
    from limited
    inner join visits
        on
            visits.org_code = limited.org_code
            and visits.doctor_code = limited.doctor_code
            and visits.product = limited.product
            and visits.visit_date <= limited.post_end
            and visits.visit_date >= {{ add_days('limited.pre_start', '-1 * cast(limited.apart_days as integer)') }}
    where limited.is_placebo
),

kept as (
    select
        limited.trial_key,
        case when limited.is_placebo then {{ as_text('limited.trial_date') }} else limited.trial_key end as window_key,
        limited.org_code,
        limited.doctor_code,
        limited.dept_code,
        limited.std_dept_code,
        limited.product,
        limited.trial_date,
        limited.last_visit,
        cast(limited.visits as integer) as visits,
        limited.is_continued,
        limited.is_placebo,
        limited.pre_start,
        limited.post_end,
        limited.apart_days,
        not limited.is_continued
        and limited.pre_start >= limited.first_date
        and {{ days_between('limited.trial_date', 'limited.post_end') }} >= limited.post_days as is_covered
    from limited
    left join touched on touched.trial_key = limited.trial_key
    where touched.trial_key is null
),

covered as (
    select
        kept.*,
        window_key || '|' || product || '|' || std_dept_code as group_key
    from kept
    where not is_placebo or is_covered
)

select * from covered
