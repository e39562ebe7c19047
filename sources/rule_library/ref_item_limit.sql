-- ref_item_limit: one row an item and kind of limit, for the whole region (org_code *).
-- Source: ref_item_limit*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    item_code,
    limit_kind,
    age_min,
    age_max,
    sex,
    dept_pattern,
    icd_pattern,
    note,
    null as src_updated_at
from read_csv('{path}/ref_item_limit*.csv', header = true, all_varchar = true)
