-- his_adm_diag: one row a diagnosis of a stay. Source: inpt_diagnose.
-- Normalised: stage (201 on admission, 204 at discharge, 205 pathology).
select
    :org_code as org_code,
    id::text as diag_id,
    visit_id::text as adm_id,
    case type_code when '201' then 'adm' when '204' then 'dscg' when '205' then 'patho' end as diag_type,
    is_main = '1' as is_main,
    seq,
    disease_code as icd10,
    disease_name as diag_name,
    in_situation_code as adm_cond,
    is_mris = '1' as on_front_page,
    updt_time as src_updated_at
from inpt_diagnose
where updt_time >= :window_start and updt_time < :window_end
