-- Grain: one doctor with enough prescriptions of a class in the quarter, and product of the class that the hospital used,
-- beside what the doctor's peers let expect of it; a product that the doctor did not prescribe stands with 0.
-- Rule: the narrowest group with ALL.min_peers doctors who prescribe the class at hospitals that use the product: same
-- level, type and department; all levels; the discipline group. Expected is the peers' share of the product in the
-- class, without the doctor's own, of the doctor's quantity and prescriptions of the class.
-- Source: int_class_use.
-- Keys are one column: planners take the columns of a longer one for independent.
with uses as (
    select class_uses.*
    from {{ ref('int_class_use') }} as class_uses
    {{ threshold_join('min_class', 'XS03', 'min_class_rx', 'class_uses.org_code', 'class_uses.quarter_start') }}
    where class_uses.class_prescriptions >= min_class.value
),

members as (
    select
        uses.*,
        rungs.rung,
        {{ as_text('rungs.rung') }} || '|' || {{ as_text('uses.quarter_start') }} || '|' || uses.product || '|'
        || {{ class_peer_group('uses', 'rungs.rung') }} as group_key
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
