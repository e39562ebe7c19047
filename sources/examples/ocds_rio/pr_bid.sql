-- Bids of bids_health, one row an offer: 5,699. A bidder may have several offers on one item, and
-- the data does not say whether they are rounds, brands or packs. None is dropped: the awarded
-- one, else the lowest, keeps the item's lot_no; each further one is entered under lot_no~2, ~3 …,
-- which has no row in pr_lot, so that no count of bidders takes it for another bidder. Amounts are
-- read as text and cast to decimals, so that no cent passes through a float.
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
),

offer as (
    select
        buyer.id as org_code,
        tender.id as project_id,
        split_part(ocid, '-', 4) as lot_no,
        date as bid_time,
        awards,
        unnest(bids.details) as detail
    from release
),

flat as (
    select
        org_code,
        project_id,
        lot_no,
        bid_time,
        detail.status as status,
        detail.tenderers[1].id as supplier_code,
        cast(detail.id as integer) as detail_no,
        cast(detail.value.amount as decimal(18, 2)) as bid_amount,
        len(list_filter(
            awards,
            lambda award: award.suppliers[1].id = detail.tenderers[1].id
            and award.value.amount = detail.value.amount
        )) as awards_at_this_price
    from offer
),

judged as (
    select
        *,
        row_number() over (
            partition by org_code, project_id, lot_no, supplier_code, bid_amount order by detail_no
        ) <= coalesce(awards_at_this_price, 0) as is_winner
    from flat
),

numbered as (
    select
        *,
        row_number() over (
            partition by org_code, project_id, lot_no, supplier_code
            order by is_winner desc, bid_amount, detail_no
        ) as offer_no
    from judged
)

select
    org_code as org_code,
    project_id as project_id,
    case when offer_no = 1 then lot_no else lot_no || '~' || offer_no end as lot_no,
    supplier_code as supplier_code,
    bid_time as bid_time,
    bid_amount as bid_amount,
    null as discount_rate,
    status = 'valid' as is_valid,
    null as reject_reason,
    null as rank,
    null as score,
    is_winner as is_winner,
    null as upload_ip,
    null as upload_mac,
    null as disk_serial,
    null as software_lock_no,
    null as deposit_account_key,
    null as deposit_bank,
    null as agent_person_key,
    null as doc_author,
    null as doc_last_modified_by,
    null as doc_company,
    null as doc_created_at,
    null as doc_simhash,
    null as doc_sha256,
    null as src_updated_at
from numbered
