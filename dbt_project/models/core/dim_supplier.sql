-- Grain: one supplier as an organisation knows it.
-- Rule: affiliates share supplier_group_id; a supplier without credit code stands alone.
with suppliers as (
    select * from {{ ref('stg_procurement__supplier') }}
),

groups as (
    select * from {{ ref('dim_company_group') }}
),

grouped as (
    select
        suppliers.org_code,
        suppliers.supplier_code,
        suppliers.supplier_name,
        suppliers.supplier_kind,
        suppliers.uscc,
        coalesce(groups.company_group_id, suppliers.org_code || ':' || suppliers.supplier_code) as supplier_group_id,
        suppliers.batch_id
    from suppliers
    left join groups on suppliers.uscc = groups.uscc
)

select * from grouped
