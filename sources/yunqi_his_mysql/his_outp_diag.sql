-- his_outp_diag: one row a diagnosis of a visit. Source: outpt_diagnose, an old table
-- whose latin1 columns hold GBK bytes: their text is read as what it is.
select
    :org_code as org_code,
    cast(id as char) as diag_id,
    cast(visit_id as char) as visit_id,
    seq,
    is_main = '1' as is_main,
    disease_code as icd10,
    convert(cast(disease_name as binary) using gbk) as diag_name,
    null as tcm_code,
    crte_time as diag_time,
    updt_time as src_updated_at
from outpt_diagnose
where updt_time >= :window_start and updt_time < :window_end
