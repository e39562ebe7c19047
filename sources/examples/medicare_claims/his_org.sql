-- Providers of both claim files, one row a provider. Names and levels are not in the data: the
-- provider's id stands for its name.
with provider as (
    select Provider as code from read_csv('{path}/inpatient.csv.gz', all_varchar = true, nullstr = 'NA')
    union all
    select Provider as code from read_csv('{path}/outpatient.csv.gz', all_varchar = true, nullstr = 'NA')
)

select
    code as org_code,
    code as org_name,
    null as org_level,
    null as org_type,
    null as district_code,
    null as group_code,
    null as cohort,
    null as beds_open,
    null as is_public,
    null as src_updated_at
from provider
group by code
