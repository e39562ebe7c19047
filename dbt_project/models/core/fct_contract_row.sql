{#- Steps upwards double: five of them follow a supplement over up to 32 others. -#}
{% set depth = 5 %}

-- Grain: one contract as signed, supplements included.
-- Rule: root_contract_id is the first contract that a supplement goes back to, however many supplements lie between (up to
-- {{ 2 ** depth }}), else the contract itself. Where a contract on that way was not delivered, or the way leads in a circle,
-- it is null, and lacks_parent says so.
with contracts as (
    select
        org_code,
        contract_id,
        contract_no,
        project_id,
        lot_no,
        supplier_code,
        nullif(parent_contract_id, contract_id) as parent_contract_id,
        sign_date,
        start_date,
        end_date,
        amount,
        is_donation_linked,
        status,
        batch_id
    from {{ ref('stg_procurement__contract') }}
),

suppliers as (
    select * from {{ ref('dim_supplier') }}
),

-- Where one step leads: a first contract stays where it is, and a contract that was not delivered leads nowhere.
steps_0 as (
    select
        contracts.org_code,
        contracts.contract_id,
        case when contracts.parent_contract_id is null then contracts.contract_id else above.contract_id end as upper_id
    from contracts
    left join contracts as above
        on
            contracts.org_code = above.org_code
            and contracts.parent_contract_id = above.contract_id
),

{% for step in range(1, depth + 1) -%}
steps_{{ step }} as (
    select
        lower_part.org_code,
        lower_part.contract_id,
        upper_part.upper_id
    from steps_{{ step - 1 }} as lower_part
    left join steps_{{ step - 1 }} as upper_part
        on
            lower_part.org_code = upper_part.org_code
            and lower_part.upper_id = upper_part.contract_id
),

{% endfor -%}
rooted as (
    select
        contracts.org_code,
        contracts.contract_id,
        contracts.contract_no,
        contracts.project_id,
        contracts.lot_no,
        contracts.supplier_code,
        suppliers.supplier_name,
        contracts.parent_contract_id,
        roots.contract_id as root_contract_id,
        roots.contract_id is null as lacks_parent,
        contracts.sign_date,
        contracts.start_date,
        contracts.end_date,
        contracts.amount,
        contracts.status,
        contracts.is_donation_linked,
        contracts.batch_id
    from contracts
    inner join steps_{{ depth }} as steps
        on
            contracts.org_code = steps.org_code
            and contracts.contract_id = steps.contract_id
    left join contracts as roots
        on
            steps.org_code = roots.org_code
            and steps.upper_id = roots.contract_id
            and roots.parent_contract_id is null
    left join suppliers
        on
            contracts.org_code = suppliers.org_code
            and contracts.supplier_code = suppliers.supplier_code
)

select * from rooted
