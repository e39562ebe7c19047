-- his_org: one row, the hospital. Source: gy_jgxx.
-- Normalised: grade (two digits, grade and class) to the insurance bureau's hosp_lv, and type.
select
    jgdm as org_code,
    jgmc as org_name,
    case jgdj when '32' then '02' when '22' then '05' when '12' then '08' end as org_level,
    case jglb
        when '1' then 'general'
        when '2' then 'tcm'
        when '3' then 'oncology'
        when '4' then 'maternity'
        when '5' then 'primary'
    end as org_type,
    xzqh as district_code,
    jtdm as group_code,
    null as cohort,
    cws as beds_open,
    gllb = '1' as is_public,
    null as src_updated_at
from gy_jgxx
