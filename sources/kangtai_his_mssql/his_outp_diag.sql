-- his_outp_diag: one row a diagnosis of a visit. Source: ms_brzd.
select
    :org_code as org_code,
    cast(jlbh as varchar(40)) as diag_id,
    cast(jzxh as varchar(40)) as visit_id,
    plxh as seq,
    case when zzbz = '1' then 1 when zzbz is not null then 0 end as is_main,
    icd10,
    zdmc as diag_name,
    null as tcm_code,
    zdsj as diag_time,
    null as src_updated_at
from ms_brzd
where zdsj >= convert(datetime, :window_start, 120) and zdsj < convert(datetime, :window_end, 120)
