-- his_outp_visit: one row a registration. Source: ms_ghmx.
-- Normalised: kind of visit (ghlb 1 ordinary, 2 emergency, 3 chronic disease).
select
    :org_code as org_code,
    cast(sbxh as varchar(40)) as visit_id,
    cast(brid as varchar(40)) as patient_id,
    jzhm as register_no,
    ghsj as register_time,
    jzsj as visit_time,
    ksdm as dept_code,
    ysdm as doctor_code,
    case ghlb when '2' then 'emergency' when '3' then 'chronic' else 'outpatient' end as visit_kind,
    null as register_fee_item_code,
    case when thbz = '1' then 1 when thbz is not null then 0 end as is_cancelled,
    case when czpb = '1' then 1 when czpb is not null then 0 end as is_first_visit,
    brxz as pay_type,
    ybjzid as hi_mdtrt_id,
    null as src_updated_at
from ms_ghmx
where ghsj >= convert(datetime, :window_start, 120) and ghsj < convert(datetime, :window_end, 120)
