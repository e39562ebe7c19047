-- Buyers of bids_health, one row a buyer. The data has no names: the buyer's id stands for it.
with release as (
    select *
    from read_json(
        '{path}/bids_health.jsonl.gz', format = 'newline_delimited',
        columns = {
            'ocid': 'varchar', 'date': 'timestamp', 'buyer': 'struct(id varchar)',
            'tender': 'struct(id varchar, title varchar, "procurementMethodDetails" varchar)',
            'bids': 'struct(details struct(
                id varchar, status varchar, tenderers struct(id varchar)[],
                value struct(amount varchar))[])',
            'awards': 'struct(
                id varchar, status varchar, suppliers struct(id varchar)[],
                value struct(amount varchar))[]'
        }
    )
)

select
    buyer.id as org_code,
    buyer.id as org_name,
    null as org_level,
    null as org_type,
    null as district_code,
    null as group_code,
    null as cohort,
    null as beds_open,
    null as is_public,
    null as src_updated_at
from release
group by buyer.id
