-- Grain: one doctor who prescribed a class in the quarter, and product of the class that the hospital used; a product that
-- the doctor did not prescribe stands with 0, so that it counts among peers.
-- Rule: first_month is the product's first at the hospital, largest_qty what its foremost doctor prescribed of it.
-- Source: int_doctor_product.
-- Keys are one column: planners take the columns of a longer one for independent.
with products as (
    select
        int_doctor_product.*,
        org_code || '|' || {{ as_text('quarter_start') }} || '|' || pharm_class as class_key
    from {{ ref('int_doctor_product') }} as int_doctor_product
),

doctors as (
    select
        org_code,
        doctor_code,
        quarter_start,
        pharm_class,
        class_key,
        max(std_dept_code) as std_dept_code,
        max(discipline_group) as discipline_group,
        max(level_group) as level_group,
        max(org_type) as org_type,
        max(class_doctors) as class_doctors,
        max(class_prescriptions) as class_prescriptions,
        max(class_qty) as class_qty
    from products
    group by org_code, doctor_code, quarter_start, pharm_class, class_key
),

hospital_products as (
    select
        class_key,
        product,
        min(first_month) as first_month,
        max(qty) as largest_qty
    from products
    group by class_key, product
),

pairs as (
    select
        doctors.*,
        hospital_products.product,
        hospital_products.first_month,
        hospital_products.largest_qty,
        doctors.class_key || '|' || doctors.doctor_code || '|' || hospital_products.product as use_key
    from doctors
    inner join hospital_products on hospital_products.class_key = doctors.class_key
),

own as (
    select
        products.*,
        class_key || '|' || doctor_code || '|' || product as use_key
    from products
),

uses as (
    select
        pairs.org_code,
        pairs.doctor_code,
        pairs.quarter_start,
        pairs.pharm_class,
        pairs.product,
        pairs.use_key,
        own.dept_code,
        pairs.std_dept_code,
        pairs.discipline_group,
        pairs.level_group,
        pairs.org_type,
        pairs.first_month,
        cast(pairs.largest_qty as numeric(18, 4)) as largest_qty,
        pairs.class_doctors,
        pairs.class_prescriptions,
        pairs.class_qty,
        cast(coalesce(own.qty, 0) as numeric(18, 4)) as qty,
        coalesce(own.prescriptions, 0) as prescriptions,
        coalesce(own.patients, 0) as patients,
        coalesce(own.months, 0) as months,
        coalesce(own.hospital_share, 0) as hospital_share,
        own.first_share
    from pairs
    left join own on own.use_key = pairs.use_key
)

select * from uses
