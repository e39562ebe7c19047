-- Grain: one visit of a representative, person met and product shown.
-- Rule: a visit that names no person or no product stands once with that column empty, one that names a person or product
-- twice once with it.
-- Source: staging.stg_supervision__visit.
with visits as (
    select * from {{ ref('stg_supervision__visit') }}
),

met as (
    select
        visits.*,
        element.value as doctor_code
    from {{ list_rows('visits', 'visits', 'met_staff_codes') }}
),

shown as (
    select distinct
        met.org_code,
        met.visit_id,
        met.visit_start,
        cast(met.visit_start as date) as visit_date,
        {{ month_of('met.visit_start') }} as visit_month,
        met.rep_id,
        met.supplier_code,
        met.dept_code,
        met.doctor_code,
        element.value as med_list_codg,
        met.batch_id
    from {{ list_rows('met', 'met', 'product_codes') }}
)

select * from shown
