-- Releases of bids_health, one row an item of a tender. lot_no is the item's number, the last part
-- of the ocid. 220 items were not awarded. Amounts are read as text and cast to decimals, so that
-- no cent passes through a float.
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
    tender.id as project_id,
    split_part(ocid, '-', 4) as lot_no,
    null as item_desc,
    null as ceiling_amount,
    case when len(awards) > 0 then 'awarded' else 'not_awarded' end as outcome,
    awards[1].suppliers[1].id as winner_supplier_code,
    list_sum(list_transform(awards, lambda award: cast(award.value.amount as decimal(18, 2)))) as award_amount,
    null as fail_reason,
    null as src_updated_at
from release
