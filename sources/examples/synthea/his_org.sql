-- organizations.csv, one row an organisation. Its UUID has 36 characters and org_code has room for
-- 12: S and the first 11 hex digits, unique in a file and the same in every export.
select
    'S' || upper(left(replace(Id, '-', ''), 11)) as org_code,
    NAME as org_name,
    null as org_level,
    null as org_type,
    null as district_code,
    null as group_code,
    null as cohort,
    null as beds_open,
    null as is_public,
    null as src_updated_at
from read_csv('{path}/organizations.csv', all_varchar = true)
