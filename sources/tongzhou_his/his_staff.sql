-- his_staff: one row a staff member with the main department. Source: 人员表.
-- Normalised: title. staff_key is the clear identity number: the extract replaces it.
select
    :org_code as org_code,
    编号 as staff_code,
    姓名 as staff_name,
    身份证号 as staff_key,
    医保医师编码 as hi_staff_code,
    to_char(部门id) as dept_code,
    case 职称 when '住院医师' then 'resident' when '主治医师' then 'attending' when '副主任医师' then 'associate' when '主任医师' then 'chief' end as title_level,
    抗菌药物权限 as antibac_level,
    case 麻醉处方权 when 1 then 1 when 0 then 0 end as narcotic_right,
    处方权起始 as rx_right_from,
    处方权终止 as rx_right_to,
    case when 撤档时间 is null or 撤档时间 > sysdate then 1 else 0 end as is_active,
    null as src_updated_at
from 人员表
