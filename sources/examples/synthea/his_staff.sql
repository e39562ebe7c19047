-- providers.csv, one row a doctor. Titles and prescribing rights are not in the data.
select
    'S' || upper(left(replace(ORGANIZATION, '-', ''), 11)) as org_code,
    Id as staff_code,
    NAME as staff_name,
    null as staff_key,
    null as hi_staff_code,
    SPECIALITY as dept_code,
    null as title_level,
    null as antibac_level,
    null as narcotic_right,
    null as rx_right_from,
    null as rx_right_to,
    null as is_active,
    null as src_updated_at
from read_csv('{path}/providers.csv', all_varchar = true)
