-- Grain: one contract; a supplement names its parent. Source: land.pr_contract.
with latest as (
    {{ latest_version('pr_contract', ['contract_id']) }}
),

typed as (
    select
        org_code,
        contract_id,
        nullif(trim(contract_no), '') as contract_no,
        nullif(trim(project_id), '') as project_id,
        nullif(trim(lot_no), '') as lot_no,
        supplier_code,
        nullif(trim(parent_contract_id), '') as parent_contract_id,
        sign_date,
        cast(amount as numeric(18, 2)) as amount,
        start_date,
        end_date,
        status,
        coalesce(is_donation_linked, false) as is_donation_linked,
        _batch_id as batch_id
    from latest
)

select * from typed
