-- pr_supplier_person: one row a person and role at a supplier that a hospital has on file.
-- Sources: t_hospital_supplier, t_supplier_person. Normalised: role.
-- person_key is the clear identity number: the extract replaces it.
select
    t_hospital_supplier.hospital_code as org_code,
    t_supplier_person.supplier_code,
    t_supplier_person.person_id as person_key,
    case t_supplier_person.role_code
        when '01' then 'legal_rep'
        when '02' then 'shareholder'
        when '03' then 'director'
        when '04' then 'supervisor'
        when '05' then 'bid_agent'
        when '06' then 'contact'
        when '07' then 'sales_rep'
    end as role,
    t_supplier_person.share_percent as share_pct,
    t_supplier_person.since as valid_from,
    t_supplier_person.until as valid_to,
    null as src_updated_at
from t_hospital_supplier
inner join t_supplier_person on t_supplier_person.supplier_code = t_hospital_supplier.supplier_code
