-- medical_claim_sample.csv of bill types 11x, one row a stay: 9. Groups are MS-DRG; neither weight nor
-- standard amount is given. The plan's payment stands for the group's.
select
    facility_npi as org_code,
    claim_id as setl_id,
    'DRG' as grp_method,
    min(ms_drg_code) as grp_code,
    null as grp_name,
    null as weight,
    null as std_amount,
    max(cast(paid_amount as decimal(16, 2))) as pay_amount,
    null as ungrouped_reason,
    null as src_updated_at
from medical_claims
where
    bill_type_code like '11%'
    and ms_drg_code is not null
group by claim_id, facility_npi
