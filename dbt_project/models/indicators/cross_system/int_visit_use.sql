-- Grain: one trial and doctor compared in it (int_visit_control).
-- Rule: prescriptions with the product among all prescriptions, before and after; the exposure is what a doctor prescribed,
-- not the calendar, so that neither leave nor a fuller clinic counts. Days are added up once a window, doctor and product:
-- placebo dates of one day share them.
-- Source: int_visit_day, int_visit_control, core.fct_prescription, core.fct_prescription_line.
with controls as (
    select
        int_visit_control.*,
        window_key || '|' || org_code || '|' || doctor_code as doctor_key,
        window_key || '|' || org_code || '|' || doctor_code || '|' || product as product_key
    from {{ ref('int_visit_control') }} as int_visit_control
),

window_days as (
    select * from {{ ref('int_visit_day') }}
),

prescriptions as (
    select
        org_code || '|' || doctor_code || '|' || {{ as_text('cast(rx_time as date)') }} as day_key,
        count(*) as prescriptions
    from {{ ref('fct_prescription') }}
    group by org_code || '|' || doctor_code || '|' || {{ as_text('cast(rx_time as date)') }}
),

shown as (
    select distinct product from controls
),

product_prescriptions as (
    select
        lines.org_code || '|' || lines.doctor_code || '|' || shown.product || '|'
        || {{ as_text('cast(lines.rx_time as date)') }} as day_key,
        count(distinct lines.rx_id) as prescriptions
    from {{ ref('fct_prescription_line') }} as lines
    inner join shown
        on shown.product = coalesce(lines.generic_name, lines.drug_code) || '|' || coalesce(lines.manufacturer_uscc, '')
    where not lines.is_self_provided and lines.qty_min_unit > 0
    group by
        lines.org_code || '|' || lines.doctor_code || '|' || shown.product || '|'
        || {{ as_text('cast(lines.rx_time as date)') }}
),

doctors as (
    select distinct
        doctor_key,
        window_key,
        org_code || '|' || doctor_code as doctor
    from controls
),

products as (
    select distinct
        product_key,
        window_key,
        org_code || '|' || doctor_code || '|' || product as doctor_product
    from controls
),

doctor_windows as (
    select
        doctors.doctor_key,
        sum(case when window_days.is_after = 0 then prescriptions.prescriptions else 0 end) as before_all,
        sum(case when window_days.is_after = 1 then prescriptions.prescriptions else 0 end) as after_all
    from doctors
    inner join window_days on window_days.window_key = doctors.window_key
    inner join prescriptions on prescriptions.day_key = doctors.doctor || '|' || {{ as_text('window_days.rx_date') }}
    group by doctors.doctor_key
),

product_windows as (
    select
        products.product_key,
        sum(case when window_days.is_after = 0 then product_prescriptions.prescriptions else 0 end) as before_use,
        sum(case when window_days.is_after = 1 then product_prescriptions.prescriptions else 0 end) as after_use
    from products
    inner join window_days on window_days.window_key = products.window_key
    inner join product_prescriptions
        on product_prescriptions.day_key = products.doctor_product || '|' || {{ as_text('window_days.rx_date') }}
    group by products.product_key
),

counted as (
    select
        controls.trial_key,
        controls.org_code,
        controls.doctor_code,
        controls.rung,
        doctor_windows.before_all,
        doctor_windows.after_all,
        coalesce(product_windows.before_use, 0) as before_use,
        coalesce(product_windows.after_use, 0) as after_use
    from controls
    inner join doctor_windows on doctor_windows.doctor_key = controls.doctor_key
    left join product_windows on product_windows.product_key = controls.product_key
)

select * from counted
