-- providers.csv, one row an organisation and speciality: Synthea has no departments, and a
-- doctor's speciality is the nearest to one. It is no standard department of ours, so
-- std_dept_code stays empty.
select
    'S' || upper(left(replace(ORGANIZATION, '-', ''), 11)) as org_code,
    SPECIALITY as dept_code,
    SPECIALITY as dept_name,
    null as std_dept_code,
    null as hi_dept_code,
    null as dept_kind,
    null as parent_dept_code,
    null as sponsor_staff_code,
    true as is_active,
    null as src_updated_at
from read_csv('{path}/providers.csv', all_varchar = true)
group by ORGANIZATION, SPECIALITY
