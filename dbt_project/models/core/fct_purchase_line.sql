-- Grain: one purchase order line that was not cancelled.
-- Rule: prices and quantities in the smallest unit, null where the unit is neither pack nor smallest unit;
-- affiliates share a group on the distributor's and on the manufacturer's side.
-- Read after the list of batches that the build answers for: what is loaded later is told apart (row_balance).
-- depends_on: {{ ref('stg_ops__batch_in_build') }}
with orders as (
    select * from {{ ref('stg_procurement__order') }}
    where status <> 'cancelled' and qty > 0
),

items as (
    select * from {{ ref('dim_item') }}
),

suppliers as (
    select * from {{ ref('dim_supplier') }}
),

groups as (
    select * from {{ ref('dim_company_group') }}
),

described as (
    select
        orders.org_code,
        orders.order_id,
        orders.line_no,
        orders.order_id || '#' || {{ as_text('orders.line_no') }} as line_key,
        orders.order_time,
        cast(orders.order_time as date) as order_date,
        orders.order_month,
        cast(extract(year from orders.order_time) as integer) as order_year,
        orders.supplier_code,
        orders.contract_id,
        orders.is_emergency,
        suppliers.supplier_name,
        coalesce(suppliers.supplier_group_id, orders.org_code || ':' || orders.supplier_code) as supplier_group_id,
        orders.item_kind,
        orders.item_code,
        items.item_name,
        items.item_name as generic_name,
        coalesce(orders.med_list_codg, items.med_list_codg) as med_list_codg,
        orders.category_code,
        orders.qty,
        orders.unit,
        orders.unit_price,
        orders.qty_min_unit,
        orders.unit_is_known,
        cast(orders.amount / nullif(orders.qty_min_unit, 0) as numeric(18, 6)) as min_unit_price,
        orders.amount,
        items.manufacturer_name,
        items.manufacturer_uscc,
        coalesce(groups.company_group_id, items.manufacturer_uscc, items.manufacturer_name) as manufacturer_group_id,
        coalesce(items.is_vbp_selected, false) as is_vbp_selected,
        orders.requester_dept_code,
        orders.handler_code,
        orders.approver_code,
        orders.batch_id
    from orders
    left join items
        on
            orders.org_code = items.org_code
            and orders.item_kind = items.item_kind
            and orders.item_code = items.item_code
    left join suppliers
        on
            orders.org_code = suppliers.org_code
            and orders.supplier_code = suppliers.supplier_code
    left join groups on items.manufacturer_uscc = groups.uscc
)

select * from described
