-- his_outp_visit: one row a registration. Source: ms_ghmx.
-- Normalised: kind of visit (ghlb 1 ordinary, 2 emergency, 3 chronic disease).
select
    :org_code as org_code,
    sbxh::text as visit_id,
    brid::text as patient_id,
    jzhm as register_no,
    ghsj as register_time,
    jzsj as visit_time,
    ksdm as dept_code,
    ysdm as doctor_code,
    case ghlb when '2' then 'emergency' when '3' then 'chronic' else 'outpatient' end as visit_kind,
    null as register_fee_item_code,
    thbz = '1' as is_cancelled,
    czpb = '1' as is_first_visit,
    brxz as pay_type,
    ybjzid as hi_mdtrt_id,
    null as src_updated_at
from ms_ghmx
where ghsj >= :window_start and ghsj < :window_end
