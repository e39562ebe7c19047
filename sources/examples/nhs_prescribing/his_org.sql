-- epd_*.csv.gz, one row a practice. GP practices are primary care; levels are not in the data.
select
    PRACTICE_CODE as org_code,
    min(PRACTICE_NAME) as org_name,
    null as org_level,
    'primary' as org_type,
    null as district_code,
    null as group_code,
    null as cohort,
    null as beds_open,
    null as is_public,
    null as src_updated_at
from prescribing
group by PRACTICE_CODE
