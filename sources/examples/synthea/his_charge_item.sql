-- claims_transactions.csv, one row an organisation and code charged there that is no drug. The
-- data has no charge category: all are 14 (other).
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    line.PROCEDURECODE as item_code,
    null as med_list_codg,
    min(line.NOTES) as item_name,
    '14' as item_category,
    null as unit,
    null as charge_price,
    null as intension,
    null as excluded,
    null as price_note,
    false as is_auto_billed,
    null as valid_from,
    null as valid_to,
    null as src_updated_at
from read_csv('{path}/claims_transactions.csv', all_varchar = true) as line
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.Id = line.APPOINTMENTID
where
    line.TYPE = 'CHARGE'
    and line.PROCEDURECODE not in (select CODE from read_csv('{path}/medications.csv', all_varchar = true))
group by encounter.ORGANIZATION, line.PROCEDURECODE
