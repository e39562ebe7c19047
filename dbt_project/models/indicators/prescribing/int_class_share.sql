-- Grain: one doctor with enough prescriptions of a class in the quarter, and product of the class that the
-- hospital used; a product that the doctor did not prescribe stands with 0, so that it counts among peers.
-- Source: int_class_use.
with shares as (
    select
        uses.org_code,
        uses.doctor_code,
        uses.quarter_start,
        uses.pharm_class,
        uses.product,
        uses.std_dept_code,
        uses.discipline_group,
        uses.level_group,
        uses.org_type,
        uses.class_qty,
        uses.qty,
        cast(uses.qty / uses.class_qty as numeric(18, 8)) as class_share
    from {{ ref('int_class_use') }} as uses
    {{ threshold_join('min_rx', 'RX11', 'min_rx', 'uses.org_code', 'uses.quarter_start') }}
    where uses.class_prescriptions >= min_rx.value
)

select * from shares
