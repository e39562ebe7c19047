-- Grain: one supplier as an organisation knows it, and the company that it is.
-- Rule: supplier_id is the company that its record was resolved to, else its credit code, else the record
-- itself; affiliates share supplier_group_id. A company that any record or catalogue names as maker makes
-- what it sells, whatever an organisation enters it as.
with suppliers as (
    select * from {{ ref('stg_procurement__supplier') }}
),

members as (
    select * from {{ ref('stg_ops__supplier_member') }}
),

makers as (
    select distinct supplier_id
    from members
    where role = 'manufacturer'
),

groups as (
    select * from {{ ref('dim_company_group') }}
),

identified as (
    select
        suppliers.org_code,
        suppliers.supplier_code,
        suppliers.supplier_name,
        suppliers.supplier_kind,
        suppliers.uscc,
        suppliers.bank_account_key,
        coalesce(
            members.supplier_id,
            suppliers.uscc,
            suppliers.org_code || ':' || suppliers.supplier_code
        ) as supplier_id,
        suppliers.batch_id
    from suppliers
    left join members
        on
            suppliers.org_code = members.org_code
            and suppliers.supplier_code = members.supplier_code
),

grouped as (
    select
        identified.org_code,
        identified.supplier_code,
        identified.supplier_name,
        identified.supplier_kind,
        identified.uscc,
        identified.bank_account_key,
        identified.supplier_id,
        case
            when identified.supplier_kind = 'manufacturer' or makers.supplier_id is not null then 'manufacturer'
            else identified.supplier_kind
        end as role,
        coalesce(of_company.company_group_id, of_code.company_group_id, identified.supplier_id) as supplier_group_id,
        identified.batch_id
    from identified
    left join makers on identified.supplier_id = makers.supplier_id
    left join groups as of_company on identified.supplier_id = of_company.uscc
    left join groups as of_code on identified.uscc = of_code.uscc
)

select * from grouped
