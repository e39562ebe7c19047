-- medical_claim_sample.csv, one row a provider number (NPI): the facility of an institutional claim,
-- else who billed, else who rendered the service, since 4,788 of 4,870 professional lines name no
-- other. Names and levels are not in the data: the number stands for the name.
with provider as (
    select coalesce(facility_npi, billing_npi, rendering_npi) as code
    from medical_claims
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
