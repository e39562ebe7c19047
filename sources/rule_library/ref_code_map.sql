-- ref_code_map: one row a code of the insurance edition for a code of the clinical one, for the whole region (org_code *).
-- Source: ref_code_map*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    code_kind,
    clinical_code,
    insurance_code,
    source_text,
    null as src_updated_at
from read_csv('{path}/ref_code_map*.csv', header = true, all_varchar = true)
