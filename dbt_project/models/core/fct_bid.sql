-- Grain: one bid of a supplier for a lot whose bids were opened.
-- Rule: supplier_id is the company behind the supplier's record, affiliates share supplier_group_id. A bid that
-- nobody rejected is valid.
-- Source: stg_procurement__bid, fct_lot, dim_supplier.
with bids as (
    select * from {{ ref('stg_procurement__bid') }}
),

lots as (
    select * from {{ ref('fct_lot') }}
    where open_time is not null
),

suppliers as (
    select * from {{ ref('dim_supplier') }}
),

described as (
    select
        bids.org_code,
        lots.lot_key,
        lots.lot_key || '#' || bids.supplier_code as bid_key,
        bids.project_id,
        bids.lot_no,
        bids.supplier_code,
        suppliers.supplier_name,
        coalesce(suppliers.supplier_id, bids.org_code || ':' || bids.supplier_code) as supplier_id,
        coalesce(suppliers.supplier_group_id, bids.org_code || ':' || bids.supplier_code) as supplier_group_id,
        lots.project_name,
        lots.category_code,
        lots.domain,
        lots.method,
        lots.outcome as lot_outcome,
        lots.award_amount,
        lots.open_time,
        lots.open_month,
        bids.bid_time,
        bids.bid_amount,
        coalesce(bids.is_valid, 1 = 1) as is_valid,
        coalesce(bids.is_winner, bids.supplier_code = lots.winner_supplier_code, 1 = 0) as is_winner,
        bids.reject_reason,
        bids.bid_rank,
        bids.upload_ip,
        bids.upload_mac,
        bids.disk_serial,
        bids.software_lock_no,
        bids.deposit_account_key,
        bids.agent_person_key,
        bids.doc_author,
        bids.doc_last_modified_by,
        bids.doc_company,
        bids.doc_created_at,
        bids.doc_simhash,
        bids.doc_sha256,
        bids.batch_id
    from bids
    inner join lots
        on
            bids.org_code = lots.org_code
            and bids.project_id = lots.project_id
            and bids.lot_no = lots.lot_no
    left join suppliers
        on
            bids.org_code = suppliers.org_code
            and bids.supplier_code = suppliers.supplier_code
)

select * from described
