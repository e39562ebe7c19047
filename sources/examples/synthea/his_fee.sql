-- claims_transactions.csv of type CHARGE, one row a charge line. A line is a drug when
-- medications.csv knows its code, a service otherwise. Payments and transfers are no charges and
-- stay out; the data has no reversals. Times are UTC and stay as they are.
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    line.ID as fee_id,
    null as orig_fee_id,
    case when encounter.ENCOUNTERCLASS = 'inpatient' then 'I' else 'O' end as encounter_type,
    line.APPOINTMENTID as encounter_id,
    line.PATIENTID as patient_id,
    cast(line.FROMDATE as timestamp) as fee_time,
    null as post_time,
    case
        when line.PROCEDURECODE in (select CODE from read_csv('{path}/medications.csv', all_varchar = true)) then 'drug'
        else 'service'
    end as item_kind,
    line.PROCEDURECODE as item_code,
    line.NOTES as item_name,
    null as med_list_codg,
    null as item_category,
    line.UNITS as qty,
    null as unit,
    line.UNITAMOUNT as unit_price,
    line.AMOUNT as amount,
    null as order_id,
    null as order_exec_id,
    null as rx_item_id,
    null as report_id,
    null as surgery_id,
    provider.SPECIALITY as bill_dept_code,
    line.PROVIDERID as bill_doctor_code,
    null as exec_dept_code,
    null as exec_staff_code,
    null as operator_code,
    null as feedetl_sn,
    null as hi_uploaded,
    line.CLAIMID as settle_id,
    null as udi,
    null as batch_no,
    null as is_auto_billed,
    null as waived,
    null as src_updated_at
from read_csv('{path}/claims_transactions.csv', all_varchar = true) as line
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.Id = line.APPOINTMENTID
left join read_csv('{path}/providers.csv', all_varchar = true) as provider
    on provider.Id = line.PROVIDERID
where
    line.TYPE = 'CHARGE'
    and cast(line.FROMDATE as timestamp) >= cast(:window_start as timestamp)
    and cast(line.FROMDATE as timestamp) < cast(:window_end as timestamp)
