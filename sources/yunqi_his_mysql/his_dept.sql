-- his_dept: one row a department. Source: base_dept.
-- Normalised: kind of department.
select
    :org_code as org_code,
    code as dept_code,
    name as dept_name,
    nation_code as std_dept_code,
    insure_code as hi_dept_code,
    case type_code
        when '1' then 'clinical'
        when '2' then 'medtech'
        when '3' then 'ward'
        when '4' then 'pharmacy'
        else 'admin'
    end as dept_kind,
    up_code as parent_dept_code,
    null as sponsor_staff_code,
    is_valid = '1' as is_active,
    updt_time as src_updated_at
from base_dept
