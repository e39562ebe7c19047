-- pr_supplier: one row a supplier that a hospital has on file.
-- Sources: t_hospital_supplier, t_supplier. Normalised: kind (P manufacturer, J distributor).
-- legal_rep_key, phone_key and bank_account_key are clear values: the extract replaces them.
select
    t_hospital_supplier.hospital_code as org_code,
    t_supplier.supplier_code,
    t_supplier.uscc,
    t_supplier.supplier_name,
    case t_supplier.supplier_type when 'P' then 'manufacturer' when 'J' then 'distributor' end as supplier_kind,
    t_supplier.legal_person_id as legal_rep_key,
    t_supplier.reg_address as reg_address_norm,
    t_supplier.phone as phone_key,
    t_supplier.mail_domain as email_domain,
    t_supplier.bank_account as bank_account_key,
    t_supplier.founded_on as established_on,
    t_supplier.capital as reg_capital,
    t_supplier.license_no,
    t_supplier.license_until as license_expiry,
    t_supplier.blacklisted = '1' as blacklisted,
    t_supplier.credit_grade,
    null as src_updated_at
from t_hospital_supplier
inner join t_supplier on t_supplier.supplier_code = t_hospital_supplier.supplier_code
