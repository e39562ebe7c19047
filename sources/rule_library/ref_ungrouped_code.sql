-- ref_ungrouped_code: one row a code by which no case is grouped, for the whole region (org_code *).
-- Source: ref_ungrouped_code*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    code_kind,
    code,
    code_name,
    source_text,
    null as src_updated_at
from read_csv('{path}/ref_ungrouped_code*.csv', header = true, all_varchar = true)
