-- Grain: one order line from a supplier at which a member of staff or a declared relative has a role, where that member of
-- staff had a part in it: requested by the person's department, handled or approved by the person, or a drug that the
-- person prescribed in the month of the order.
-- Source: core.dim_staff_interest, core.fct_purchase_line, core.fct_prescription_line, core.dim_doctor.
with interests as (
    select * from {{ ref('dim_staff_interest') }}
),

staff as (
    select * from {{ ref('dim_doctor') }}
),

interested as (
    select distinct
        org_code,
        staff_code
    from interests
),

prescribed as (
    select distinct
        lines.org_code,
        lines.doctor_code,
        lines.drug_code,
        lines.rx_month
    from {{ ref('fct_prescription_line') }} as lines
    inner join interested
        on
            interested.org_code = lines.org_code
            and interested.staff_code = lines.doctor_code
),

parts as (
    select
        interests.org_code,
        interests.staff_code,
        interests.supplier_code,
        purchases.line_key,
        purchases.order_month,
        purchases.amount,
        min(interests.relation) as relation,
        -- The person's own role and a role that has ended tell two things apart: undeclared, and past.
        max(case when interests.relation in ('relative', 'company') then 1 else 0 end) as is_declared,
        min(
            case
                when
                    coalesce(interests.valid_from, purchases.order_date) <= purchases.order_date
                    and coalesce(interests.valid_to, purchases.order_date) >= purchases.order_date
                    then 0
                else 1
            end
        ) as is_past
    from interests
    inner join {{ ref('fct_purchase_line') }} as purchases
        on
            purchases.org_code = interests.org_code
            and purchases.supplier_code = interests.supplier_code
    left join staff
        on
            staff.org_code = interests.org_code
            and staff.doctor_code = interests.staff_code
    left join prescribed
        on
            prescribed.org_code = purchases.org_code
            and prescribed.doctor_code = interests.staff_code
            and prescribed.drug_code = purchases.item_code
            and prescribed.rx_month = purchases.order_month
            and purchases.item_kind = 'drug'
    where
        purchases.requester_dept_code = staff.dept_code
        or interests.staff_code in (purchases.handler_code, purchases.approver_code)
        or prescribed.drug_code is not null
    group by
        interests.org_code, interests.staff_code, interests.supplier_code, purchases.line_key, purchases.order_month,
        purchases.amount
)

select * from parts
