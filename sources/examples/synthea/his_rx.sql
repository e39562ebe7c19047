-- medications.csv of encounters that are no stays, one row an encounter and time of start: Synthea
-- has no prescriptions, and what a doctor starts in one visit at one time is what would stand on
-- one. A prescription is long-term when one of its drugs is dispensed more than once. Times are
-- UTC and stay as they are.
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    medication.ENCOUNTER || '/' || medication.START as rx_id,
    null as rx_no,
    medication.ENCOUNTER as visit_id,
    encounter.PATIENT as patient_id,
    case
        when encounter.ENCOUNTERCLASS in ('emergency', 'urgentcare') then 'emergency'
        else 'outpatient'
    end as rx_kind,
    encounter.PROVIDER as doctor_code,
    provider.SPECIALITY as dept_code,
    cast(medication.START as timestamp) as rx_time,
    null as review_pharmacist,
    null as dispense_pharmacist,
    null as valid_days,
    max(cast(medication.DISPENSES as integer)) > 1 as long_term_flag,
    null as extend_reason,
    'valid' as status,
    null as cancel_time,
    null as herb_doses,
    null as settle_id,
    null as src_updated_at
from read_csv('{path}/medications.csv', all_varchar = true) as medication
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.Id = medication.ENCOUNTER
inner join read_csv('{path}/providers.csv', all_varchar = true) as provider
    on provider.Id = encounter.PROVIDER
where
    encounter.ENCOUNTERCLASS <> 'inpatient'
    and cast(medication.START as timestamp) >= cast(:window_start as timestamp)
    and cast(medication.START as timestamp) < cast(:window_end as timestamp)
group by
    encounter.ORGANIZATION, medication.ENCOUNTER, medication.START, encounter.PATIENT,
    encounter.ENCOUNTERCLASS, encounter.PROVIDER, provider.SPECIALITY
