-- his_adm_diag: one row a diagnosis of a stay. Sources: zy_zyzd, and zy_brry for its time.
-- Normalised: stage (1 on admission, 2 at discharge, 3 pathology) and condition on admission.
select
    :org_code as org_code,
    zy_zyzd.zdxh::text as diag_id,
    zy_zyzd.zyh::text as adm_id,
    case zy_zyzd.zdlb when '1' then 'adm' when '2' then 'dscg' when '3' then 'patho' end as diag_type,
    zy_zyzd.zzbz = '1' as is_main,
    zy_zyzd.plxh as seq,
    zy_zyzd.icd10,
    zy_zyzd.zdmc as diag_name,
    case zy_zyzd.rybq
        when '有' then '1'
        when '临床未确定' then '2'
        when '情况不明' then '3'
        when '无' then '4'
    end as adm_cond,
    zy_zyzd.syzd = 'Y' as on_front_page,
    null as src_updated_at
from zy_zyzd
inner join zy_brry on zy_brry.zyh = zy_zyzd.zyh
where zy_brry.ryrq >= :window_start and zy_brry.ryrq < :window_end
