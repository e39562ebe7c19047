-- Grain: one doctor with enough prescriptions of a class in the quarter, and product of the class that the
-- hospital used; a product that the doctor did not prescribe stands with 0, so that it counts among peers.
-- Source: int_doctor_product.
with products as (
    select * from {{ ref('int_doctor_product') }}
),

doctors as (
    select
        products.org_code,
        products.doctor_code,
        products.quarter_start,
        products.pharm_class,
        max(products.std_dept_code) as std_dept_code,
        max(products.discipline_group) as discipline_group,
        max(products.level_group) as level_group,
        max(products.org_type) as org_type,
        max(products.class_qty) as class_qty
    from products
    {{ threshold_join('min_rx', 'RX11', 'min_rx', 'products.org_code', 'products.quarter_start') }}
    where products.class_prescriptions >= min_rx.value
    group by products.org_code, products.doctor_code, products.quarter_start, products.pharm_class
),

hospital_products as (
    select
        org_code,
        quarter_start,
        pharm_class,
        product
    from products
    group by org_code, quarter_start, pharm_class, product
),

shares as (
    select
        doctors.*,
        hospital_products.product,
        coalesce(products.qty, 0) as qty,
        cast(coalesce(products.qty, 0) / doctors.class_qty as numeric(18, 8)) as class_share
    from doctors
    inner join hospital_products
        on
            hospital_products.org_code = doctors.org_code
            and hospital_products.quarter_start = doctors.quarter_start
            and hospital_products.pharm_class = doctors.pharm_class
    left join products
        on
            products.org_code = doctors.org_code
            and products.doctor_code = doctors.doctor_code
            and products.quarter_start = doctors.quarter_start
            and products.pharm_class = doctors.pharm_class
            and products.product = hospital_products.product
)

select * from shares
