-- ref_mutex_pair: one row a pair of items that exclude each other, for the whole region (org_code *).
-- Source: ref_mutex_pair*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    code_a,
    code_b,
    window_kind,
    source_text,
    null as src_updated_at
from read_csv('{path}/ref_mutex_pair*.csv', header = true, all_varchar = true)
