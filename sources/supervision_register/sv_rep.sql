-- sv_rep: one row a representative on a hospital's register. Sources: medical_rep, medical_rep_product.
-- person_key and rep_name_key are clear values: the extract replaces them.
-- Normalised: the products as one list in ascending order.
with products as (
    select
        hospital_code,
        rep_no,
        string_agg(national_code, '|' order by national_code collate "C") as national_codes
    from medical_rep_product
    group by hospital_code, rep_no
)

select
    medical_rep.hospital_code as org_code,
    medical_rep.rep_no as rep_id,
    medical_rep.id_card as person_key,
    medical_rep.rep_name as rep_name_key,
    medical_rep.supplier_code,
    medical_rep.holder as mah_name,
    medical_rep.filing_no,
    products.national_codes as products,
    medical_rep.valid_until as valid_to,
    medical_rep.updt_time as src_updated_at
from medical_rep
left join products on products.hospital_code = medical_rep.hospital_code and products.rep_no = medical_rep.rep_no
