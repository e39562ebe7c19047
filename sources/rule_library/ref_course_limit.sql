-- ref_course_limit: one row a drug with a limited course, for the whole region (org_code *).
-- Source: ref_course_limit*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    rule_set,
    version,
    med_list_codg,
    generic_name,
    max_days,
    max_qty_min_unit,
    null as src_updated_at
from read_csv('{path}/ref_course_limit*.csv', header = true, all_varchar = true)
