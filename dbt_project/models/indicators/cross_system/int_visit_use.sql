-- Grain: one group of trials and doctor compared in it (int_visit_control) who prescribed anything in its windows.
-- Rule: prescriptions with the product among all prescriptions, before and after; the exposure is what a doctor prescribed,
-- not the calendar, so that neither leave nor a fuller clinic counts. What falls in a span is the running count at its
-- last day less that before its first: the prescriptions are gone through once, not once a window and day.
-- Source: int_visit_span, int_visit_control, core.fct_prescription, core.fct_prescription_line.
with controls as (
    select
        int_visit_control.*,
        org_code || '|' || doctor_code as doctor_key,
        org_code || '|' || doctor_code || '|' || product as product_key
    from {{ ref('int_visit_control') }} as int_visit_control
),

shown as (
    select distinct product from controls
),

-- All prescriptions of a doctor, and those with a product that was shown to somebody.
day_counts as (
    select
        org_code || '|' || doctor_code as use_key,
        cast(rx_time as date) as rx_date,
        count(*) as prescriptions
    from {{ ref('fct_prescription') }}
    group by org_code || '|' || doctor_code, cast(rx_time as date)
    union all
    select
        lines.org_code || '|' || lines.doctor_code || '|' || shown.product as use_key,
        cast(lines.rx_time as date) as rx_date,
        count(distinct lines.rx_id) as prescriptions
    from {{ ref('fct_prescription_line') }} as lines
    inner join shown
        on shown.product = {{ product_key('lines') }}
    where not lines.is_self_provided and lines.qty_min_unit > 0
    group by lines.org_code || '|' || lines.doctor_code || '|' || shown.product, cast(lines.rx_time as date)
),

used as (
    select distinct use_key from day_counts
),

asked as (
    select
        doctor_key as use_key,
        window_key
    from controls
    union
    select
        product_key as use_key,
        window_key
    from controls
),

bounds as (
    select
        window_key,
        is_after,
        last_day as bound_date,
        1 as factor
    from {{ ref('int_visit_span') }}
    union all
    select
        window_key,
        is_after,
        {{ add_days('first_day', -1) }} as bound_date,
        -1 as factor
    from {{ ref('int_visit_span') }}
),

timeline as (
    select
        use_key,
        rx_date as day_date,
        prescriptions,
        cast(null as varchar(300)) as window_key,
        cast(null as integer) as is_after,
        cast(null as integer) as factor
    from day_counts
    union all
    select
        asked.use_key,
        bounds.bound_date as day_date,
        0 as prescriptions,
        asked.window_key,
        bounds.is_after,
        bounds.factor
    from asked
    inner join used on used.use_key = asked.use_key
    inner join bounds on bounds.window_key = asked.window_key
),

running as (
    select
        use_key,
        window_key,
        is_after,
        factor,
        sum(prescriptions) over (partition by use_key order by day_date) as prescriptions
    from timeline
),

counted as (
    select
        use_key,
        window_key,
        cast(sum(case when is_after = 0 then factor * prescriptions else 0 end) as integer) as before_n,
        cast(sum(case when is_after = 1 then factor * prescriptions else 0 end) as integer) as after_n
    from running
    where window_key is not null
    group by use_key, window_key
),

compared as (
    select
        controls.use_key,
        controls.group_key,
        controls.org_code,
        controls.is_met,
        of_doctor.before_n as before_all,
        of_doctor.after_n as after_all,
        coalesce(of_product.before_n, 0) as before_use,
        coalesce(of_product.after_n, 0) as after_use
    from controls
    inner join counted as of_doctor
        on
            of_doctor.use_key = controls.doctor_key
            and of_doctor.window_key = controls.window_key
    left join counted as of_product
        on
            of_product.use_key = controls.product_key
            and of_product.window_key = controls.window_key
    where of_doctor.before_n + of_doctor.after_n > 0
)

select * from compared
