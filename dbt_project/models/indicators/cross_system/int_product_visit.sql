-- Grain: one doctor, product (generic name and maker) and day on which a representative showed the doctor the product.
-- Rule: visits to the same doctor for the same product belong to one series while no more than XS04.apart_days lie between
-- them, and for XS04.max_series_days from the first; series_start is the first visit of the series. What follows without such
-- a pause is continued: no days without visits precede it. Persons who are no doctors of a department are left out.
-- Source: core.fct_visit_contact, core.dim_drug, core.dim_doctor.
with products as (
    select distinct
        org_code,
        med_list_codg,
        {{ product_key() }} as product
    from {{ ref('dim_drug') }}
    where med_list_codg is not null
),

visits as (
    select distinct
        contacts.org_code,
        contacts.doctor_code,
        doctors.dept_code,
        doctors.std_dept_code,
        products.product,
        contacts.visit_date,
        apart.value as apart_days,
        longest.value as max_days
    from {{ ref('fct_visit_contact') }} as contacts
    inner join products
        on
            products.org_code = contacts.org_code
            and products.med_list_codg = contacts.med_list_codg
    inner join {{ ref('dim_doctor') }} as doctors
        on
            doctors.org_code = contacts.org_code
            and doctors.doctor_code = contacts.doctor_code
    {{ threshold_join('apart', 'XS04', 'apart_days', 'contacts.org_code', 'contacts.visit_month') }}
    {{ threshold_join('longest', 'XS04', 'max_series_days', 'contacts.org_code', 'contacts.visit_month') }}
    where doctors.std_dept_code is not null
),

spaced as (
    select
        visits.*,
        lag(visit_date) over (partition by org_code, doctor_code, product order by visit_date) as previous_date
    from visits
),

marked as (
    select
        spaced.*,
        case
            when previous_date is null or {{ days_between('previous_date', 'visit_date') }} > apart_days then visit_date
        end as opening_date
    from spaced
),

opened as (
    select
        marked.*,
        max(opening_date) over (
            partition by org_code, doctor_code, product order by visit_date
            rows between unbounded preceding and current row
        ) as opened_on
    from marked
),

cut as (
    select
        opened.*,
        {{ days_between('opened_on', 'visit_date') }} > max_days as is_continued
    from opened
),

in_series as (
    select
        org_code,
        doctor_code,
        dept_code,
        std_dept_code,
        product,
        visit_date,
        min(visit_date) over (partition by org_code, doctor_code, product, opened_on, is_continued) as series_start,
        is_continued
    from cut
)

select * from in_series
