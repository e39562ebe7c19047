-- his_outp_diag: one row a diagnosis of a visit. Source: ms_brzd.
select
    :org_code as org_code,
    jlbh::text as diag_id,
    jzxh::text as visit_id,
    plxh as seq,
    zzbz = '1' as is_main,
    icd10,
    zdmc as diag_name,
    null as tcm_code,
    zdsj as diag_time,
    null as src_updated_at
from ms_brzd
where zdsj >= :window_start and zdsj < :window_end
