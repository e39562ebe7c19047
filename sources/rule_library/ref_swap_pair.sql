-- ref_swap_pair: one row a pair of items that are billed for one another, for the whole region (org_code *).
-- Source: ref_swap_pair*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    billed_code,
    true_code,
    note,
    null as src_updated_at
from read_csv('{path}/ref_swap_pair*.csv', header = true, all_varchar = true)
