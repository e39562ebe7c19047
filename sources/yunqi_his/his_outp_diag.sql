-- his_outp_diag: one row a diagnosis of a visit. Source: outpt_diagnose.
select
    :org_code as org_code,
    id::text as diag_id,
    visit_id::text as visit_id,
    seq,
    is_main = '1' as is_main,
    disease_code as icd10,
    disease_name as diag_name,
    null as tcm_code,
    crte_time as diag_time,
    updt_time as src_updated_at
from outpt_diagnose
where updt_time >= :window_start and updt_time < :window_end
