-- Grain: one contract as signed, supplements included.
-- Rule: root_contract_id is the first contract that a supplement goes back to (two steps), else the contract itself; null
-- where the contract that a supplement names was not delivered.
with contracts as (
    select * from {{ ref('stg_procurement__contract') }}
),

suppliers as (
    select * from {{ ref('dim_supplier') }}
),

rooted as (
    select
        contracts.org_code,
        contracts.contract_id,
        contracts.contract_no,
        contracts.project_id,
        contracts.lot_no,
        contracts.supplier_code,
        suppliers.supplier_name,
        coalesce(suppliers.supplier_group_id, contracts.org_code || ':' || contracts.supplier_code) as supplier_group_id,
        contracts.parent_contract_id,
        case
            when contracts.parent_contract_id is null then contracts.contract_id
            else coalesce(above.parent_contract_id, above.contract_id)
        end as root_contract_id,
        contracts.sign_date,
        contracts.start_date,
        contracts.end_date,
        contracts.amount,
        contracts.status,
        contracts.batch_id
    from contracts
    left join contracts as above
        on
            contracts.org_code = above.org_code
            and contracts.parent_contract_id = above.contract_id
    left join suppliers
        on
            contracts.org_code = suppliers.org_code
            and contracts.supplier_code = suppliers.supplier_code
)

select * from rooted
