-- medications.csv of encounters that are no stays, one row a drug of a prescription. Quantity is
-- the number of dispenses and amount the cost of all of them, years of refills included. Days are
-- known where the drug was stopped. A code that occurs twice on one prescription gets a number.
-- Times are UTC and stay as they are.
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    medication.ENCOUNTER || '/' || medication.START || '/' || medication.CODE || '/' || row_number() over (
        partition by medication.ENCOUNTER, medication.START, medication.CODE
        order by medication.STOP, medication.DISPENSES, medication.TOTALCOST
    ) as rx_item_id,
    medication.ENCOUNTER || '/' || medication.START as rx_id,
    null as group_no,
    medication.CODE as drug_code,
    null as dose,
    null as dose_unit,
    null as freq_code,
    null as freq_per_day,
    null as route_code,
    nullif(date_diff('day', cast(medication.START as timestamp), cast(medication.STOP as timestamp)), 0) as days_supply,
    medication.DISPENSES as qty,
    'dispense' as qty_unit,
    medication.DISPENSES as qty_min_unit,
    medication.BASE_COST as unit_price,
    medication.TOTALCOST as amount,
    null as skin_test,
    null as note,
    false as is_self_provided,
    null as src_updated_at
from read_csv('{path}/medications.csv', all_varchar = true) as medication
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.Id = medication.ENCOUNTER
where
    encounter.ENCOUNTERCLASS <> 'inpatient'
    and cast(medication.START as timestamp) >= cast(:window_start as timestamp)
    and cast(medication.START as timestamp) < cast(:window_end as timestamp)
