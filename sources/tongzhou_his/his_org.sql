-- his_org: one row, the hospital. Source: 医院信息.
-- Normalised: type of institution.
select
    医保机构编码 as org_code,
    名称 as org_name,
    医保等级 as org_level,
    case 机构类别 when '综合' then 'general' when '中医' then 'tcm' when '肿瘤' then 'oncology' when '妇幼' then 'maternity' when '基层' then 'primary' end as org_type,
    行政区划 as district_code,
    null as group_code,
    null as cohort,
    编制床位 as beds_open,
    case 性质 when '公立' then 1 when '民营' then 0 end as is_public,
    null as src_updated_at
from 医院信息
