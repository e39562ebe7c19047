-- Grain: one row of procurement that names a supplier, under the landing table and key by which a lead points to it.
-- Rule: the supplier as its hospital codes it, and the group of affiliates to which it belongs.
-- Source: fct_purchase_line, fct_bid, fct_contract_row, fct_goods_received, fct_invoice, fct_payment, dim_supplier.
with named as (
    select
        org_code,
        'pr_order' as source_table,
        line_key as row_key,
        supplier_code,
        order_month as row_month
    from {{ ref('fct_purchase_line') }}
    union all
    select
        org_code,
        'pr_bid' as source_table,
        bid_key as row_key,
        supplier_code,
        open_month as row_month
    from {{ ref('fct_bid') }}
    union all
    select
        org_code,
        'pr_contract' as source_table,
        contract_id as row_key,
        supplier_code,
        {{ month_of('sign_date') }} as row_month
    from {{ ref('fct_contract_row') }}
    union all
    select
        org_code,
        'pr_receipt' as source_table,
        line_key as row_key,
        supplier_code,
        receipt_month as row_month
    from {{ ref('fct_goods_received') }}
    union all
    select
        org_code,
        'pr_invoice' as source_table,
        invoice_key as row_key,
        supplier_code,
        invoice_month as row_month
    from {{ ref('fct_invoice') }}
    union all
    select
        org_code,
        'pr_payment' as source_table,
        payment_id as row_key,
        supplier_code,
        {{ month_of('pay_date') }} as row_month
    from {{ ref('fct_payment') }}
),

grouped as (
    select
        named.org_code,
        named.source_table,
        named.row_key,
        named.supplier_code,
        coalesce(suppliers.supplier_group_id, named.org_code || ':' || named.supplier_code) as supplier_group_id,
        named.row_month
    from named
    left join {{ ref('dim_supplier') }} as suppliers
        on
            named.org_code = suppliers.org_code
            and named.supplier_code = suppliers.supplier_code
    where named.supplier_code is not null and named.row_month is not null
)

select * from grouped
