-- his_dept: one row a department. Source: 部门表.
-- Normalised: kind of department.
select
    :org_code as org_code,
    to_char(id) as dept_code,
    名称 as dept_name,
    标准科别 as std_dept_code,
    医保科别 as hi_dept_code,
    case 性质 when '临床' then 'clinical' when '护理' then 'ward' when '药房' then 'pharmacy' when '医技' then 'medtech' else 'admin' end as dept_kind,
    to_char(上级id) as parent_dept_code,
    null as sponsor_staff_code,
    case when 撤档时间 is null or 撤档时间 > sysdate then 1 else 0 end as is_active,
    null as src_updated_at
from 部门表
