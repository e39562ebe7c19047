-- Grain: one order line from a supplier at which a member of staff or a declared relative has a role, where that member of
-- staff had a part in it: requested by the person's department, handled or approved by the person, or a drug that the
-- person prescribed in the month of the order.
-- Rule: is_past where no role was held on the day of the order; is_declared where every role held that day stood in the
-- register by then. A declared company has no days: nothing shows that it was held before, so it counts as declared.
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
        interests.relation,
        case
            when
                coalesce(interests.valid_from, purchases.order_date) <= purchases.order_date
                and coalesce(interests.valid_to, purchases.order_date) >= purchases.order_date
                then 0
            else 1
        end as is_past,
        case
            when interests.relation = 'company' or interests.declared_on <= purchases.order_date then 1
            else 0
        end as is_declared
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
),

order_lines as (
    select
        org_code,
        staff_code,
        supplier_code,
        line_key,
        order_month,
        amount,
        min(relation) as relation,
        min(is_past) as is_past,
        min(case when is_past = 0 then is_declared else 1 end) as is_declared
    from parts
    group by org_code, staff_code, supplier_code, line_key, order_month, amount
)

select * from order_lines
