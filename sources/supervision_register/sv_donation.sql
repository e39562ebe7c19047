-- sv_donation: one row a donation. Source: donation. Normalised: kind.
select
    hospital_code as org_code,
    donation_no as donation_id,
    supplier_code as donor_supplier_code,
    donate_date as donated_on,
    amount,
    case kind_code
        when '1' then 'cash'
        when '2' then 'equipment'
        when '3' then 'drug'
        when '4' then 'material'
        when '5' then 'training'
        when '9' then 'other'
    end as kind,
    dept_code as beneficiary_dept_code,
    approver as approved_by,
    updt_time as src_updated_at
from donation
