-- his_dept: one row a department. Source: gy_ksdm.
-- Normalised: kind of department.
select
    :org_code as org_code,
    ksdm as dept_code,
    ksmc as dept_name,
    zlkm as std_dept_code,
    zlkm as hi_dept_code,
    case kslb
        when '1' then 'clinical'
        when '2' then 'ward'
        when '3' then 'pharmacy'
        when '4' then 'medtech'
        else 'admin'
    end as dept_kind,
    sjks as parent_dept_code,
    null as sponsor_staff_code,
    case when zfpb = '0' then 1 when zfpb is not null then 0 end as is_active,
    null as src_updated_at
from gy_ksdm
