-- his_org: one row, the hospital. Source: base_hospital.
-- Normalised: class of institution (WS/T 218) to the organisation types of the contract.
select
    hosp_code as org_code,
    hosp_name as org_name,
    hosp_level_code as org_level,
    case hosp_type_code
        when 'A100' then 'general'
        when 'A210' then 'tcm'
        when 'A512' then 'oncology'
        when 'G100' then 'maternity'
        when 'B100' then 'primary'
    end as org_type,
    area_code as district_code,
    group_code,
    null as cohort,
    bed_num as beds_open,
    is_public = '1' as is_public,
    updt_time as src_updated_at
from base_hospital
