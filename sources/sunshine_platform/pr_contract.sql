-- pr_contract: one row a contract, frameworks and supplements included. Source: t_contract.
-- Normalised: status. The amount of a framework is its ceiling.
select
    hospital_code as org_code,
    contract_no as contract_id,
    paper_no as contract_no,
    tender_no as project_id,
    package_no as lot_no,
    supplier_code,
    parent_no as parent_contract_id,
    signed_on as sign_date,
    amount,
    begins_on as start_date,
    ends_on as end_date,
    signer_code,
    handler_code,
    has_donation = '1' as is_donation_linked,
    case status when '1' then 'active' when '2' then 'completed' when '9' then 'terminated' end as status,
    updt_time as src_updated_at
from t_contract
where updt_time >= :window_start and updt_time < :window_end
