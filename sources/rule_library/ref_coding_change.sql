-- ref_coding_change: one row a change of an organisation's coders, grouper or payment method; org_code * stands for
-- the whole region. Source: ref_coding_change*.csv; a later file is added, none is removed.
select
    org_code,
    change_kind,
    changed_on,
    note,
    null as src_updated_at
from read_csv('{path}/ref_coding_change*.csv', header = true, all_varchar = true)
