-- Grain: one component of a package that is to be billed as one item, for the whole region (org_code *).
-- Source: ref_charge_bundle*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    parent_code,
    component_code,
    bundle_kind,
    min_components,
    window_kind,
    valid_from,
    valid_to,
    source_text,
    null as src_updated_at
from read_csv('{path}/ref_charge_bundle*.csv', header = true, all_varchar = true)
