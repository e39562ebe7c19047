-- ref_drug_limit: one row a drug and kind of limit, for the whole region (org_code *).
-- Source: ref_drug_limit*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    med_list_codg,
    limit_kind,
    icd_pattern,
    age_min,
    age_max,
    sex,
    org_level_min,
    med_types,
    insutypes,
    note,
    null as src_updated_at
from read_csv('{path}/ref_drug_limit*.csv', header = true, all_varchar = true)
