-- ref_rule_version: one row a version of a rule set, for the whole region (org_code *).
-- Source: ref_rule_version*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    source_doc,
    published_on,
    loaded_at,
    sha256,
    null as src_updated_at
from read_csv('{path}/ref_rule_version*.csv', header = true, all_varchar = true)
