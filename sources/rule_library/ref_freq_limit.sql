-- ref_freq_limit: one row an item and kind of window, for the whole region (org_code *).
-- Source: ref_freq_limit*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    item_code,
    window_kind,
    window_len,
    max_qty,
    unit,
    null as src_updated_at
from read_csv('{path}/ref_freq_limit*.csv', header = true, all_varchar = true)
