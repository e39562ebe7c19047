-- Grain: one doctor with enough prescriptions of a class in the quarter, and product of the class that the hospital used,
-- beside what the doctor's peers let expect of it; a product that the doctor did not prescribe stands with 0.
-- Rule: the narrowest group with ALL.min_peers doctors who prescribe the class at hospitals that use the product: same
-- level, type and department; all levels; the discipline group. Expected is the peers' share of the product in the
-- class, without the doctor's own, of the doctor's quantity and prescriptions of the class.
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
        products.org_code,
        products.doctor_code,
        products.quarter_start,
        products.pharm_class,
        products.class_key,
        max(products.std_dept_code) as std_dept_code,
        max(products.discipline_group) as discipline_group,
        max(products.level_group) as level_group,
        max(products.org_type) as org_type,
        max(products.class_doctors) as class_doctors,
        max(products.class_prescriptions) as class_prescriptions,
        max(products.class_qty) as class_qty
    from products
    {{ threshold_join('min_class', 'XS03', 'min_class_rx', 'products.org_code', 'products.quarter_start') }}
    where products.class_prescriptions >= min_class.value
    group by
        products.org_code, products.doctor_code, products.quarter_start, products.pharm_class, products.class_key
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
        pairs.*,
        own.dept_code,
        coalesce(own.qty, 0) as qty,
        coalesce(own.prescriptions, 0) as prescriptions,
        coalesce(own.patients, 0) as patients,
        coalesce(own.months, 0) as months,
        coalesce(own.hospital_share, 0) as hospital_share,
        own.first_share
    from pairs
    left join own on own.use_key = pairs.use_key
),

members as (
    select
        uses.*,
        rungs.rung,
        {{ as_text('rungs.rung') }} || '|' || {{ as_text('uses.quarter_start') }} || '|' || uses.product || '|'
        || uses.org_type || '|'
        || case
            when rungs.rung = 1 then uses.level_group || '|' || uses.std_dept_code
            when rungs.rung = 2 then uses.std_dept_code
            else uses.discipline_group
        end || '|' || uses.pharm_class as group_key
    from uses
    cross join (values (1), (2), (3)) as rungs (rung)
),

grouped as (
    select
        members.*,
        count(*) over of_group as group_n,
        sum(qty) over of_group as group_qty,
        sum(class_qty) over of_group as group_class_qty,
        sum(prescriptions) over of_group as group_prescriptions,
        sum(class_prescriptions) over of_group as group_class_prescriptions
    from members
    window of_group as (partition by group_key)
),

limited as (
    select
        grouped.*,
        case when grouped.group_key is not null and grouped.group_n >= min_peers.value then 1 else 0 end as is_enough
    from grouped
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'grouped.org_code', 'grouped.quarter_start') }}
),

ranked as (
    select
        limited.*,
        row_number() over (partition by use_key order by is_enough desc, rung) as choice
    from limited
),

compared as (
    select
        org_code,
        doctor_code,
        dept_code,
        std_dept_code,
        quarter_start,
        pharm_class,
        product,
        first_month,
        class_doctors,
        class_prescriptions,
        class_qty,
        cast(qty as numeric(18, 4)) as qty,
        prescriptions,
        patients,
        months,
        hospital_share,
        first_share,
        qty > 0 and qty = largest_qty as is_top,
        cast(case when is_enough = 1 then group_n end as integer) as peer_n,
        cast(
            case
                when is_enough = 1 then class_qty * (group_qty - qty) / nullif(group_class_qty - class_qty, 0)
            end as numeric(18, 4)
        ) as expected_qty,
        cast(
            case
                when is_enough = 1
                    then
                        1.0 * class_prescriptions * (group_prescriptions - prescriptions)
                        / nullif(group_class_prescriptions - class_prescriptions, 0)
            end as numeric(18, 4)
        ) as expected_prescriptions
    from ranked
    where choice = 1
)

select * from compared
