-- pr_supplier: one row a supplier of drugs or materials. Source: yk_jhdw.
-- Normalised: kind of supplier. Phone and bank account are returned clear: the extract replaces them.
select
    :org_code as org_code,
    dwxh as supplier_code,
    xydm as uscc,
    dwmc as supplier_name,
    case dwlb when '1' then 'manufacturer' else 'distributor' end as supplier_kind,
    null as legal_rep_key,
    dwdz as reg_address_norm,
    lxdh as phone_key,
    null as email_domain,
    yhzh as bank_account_key,
    null as established_on,
    null as reg_capital,
    xkzh as license_no,
    try_convert(date, xkyxq, 112) as license_expiry,
    null as blacklisted,
    null as credit_grade,
    null as src_updated_at
from yk_jhdw
