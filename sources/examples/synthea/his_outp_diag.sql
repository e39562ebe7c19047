-- conditions.csv of encounters that are no stays, one row a diagnosis. Codes are SNOMED, so icd10
-- stays empty and the name carries the diagnosis. START is a date; which one is the main one is
-- not said.
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    condition.ENCOUNTER || '/' || condition.CODE as diag_id,
    condition.ENCOUNTER as visit_id,
    null as seq,
    null as is_main,
    null as icd10,
    condition.DESCRIPTION as diag_name,
    null as tcm_code,
    cast(condition.START as timestamp) as diag_time,
    null as src_updated_at
from read_csv('{path}/conditions.csv', all_varchar = true) as condition
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.Id = condition.ENCOUNTER
where
    encounter.ENCOUNTERCLASS <> 'inpatient'
    and cast(condition.START as timestamp) >= cast(:window_start as timestamp)
    and cast(condition.START as timestamp) < cast(:window_end as timestamp)
