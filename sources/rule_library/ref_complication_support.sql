-- ref_complication_support: one row a kind of record that supports a complication, for the whole region
-- (org_code *). Source: ref_complication_support*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    icd_prefix,
    grade,
    evidence_kind,
    evidence_code,
    source_text,
    null as src_updated_at
from read_csv('{path}/ref_complication_support*.csv', header = true, all_varchar = true)
