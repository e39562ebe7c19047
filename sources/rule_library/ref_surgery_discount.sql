-- ref_surgery_discount: one row an operation of a group, for the whole region (org_code *).
-- Source: ref_surgery_discount*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    grp,
    item_code,
    rank_rule,
    discount,
    null as src_updated_at
from read_csv('{path}/ref_surgery_discount*.csv', header = true, all_varchar = true)
