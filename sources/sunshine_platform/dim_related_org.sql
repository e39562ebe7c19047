-- dim_related_org: one row a relation between two companies, for the whole region (org_code *).
-- Source: t_company_relation.
select
    '*' as org_code,
    uscc_a,
    uscc_b,
    relation,
    source,
    null as src_updated_at
from t_company_relation
