-- Grain: one bid of a supplier for a lot, with the traces that its upload left. Source: land.pr_bid.
with latest as (
    {{ latest_version('pr_bid', ['project_id', 'lot_no', 'supplier_code']) }}
),

typed as (
    select
        org_code,
        project_id,
        lot_no,
        supplier_code,
        bid_time,
        cast(bid_amount as numeric(18, 2)) as bid_amount,
        is_valid,
        reject_reason,
        rank as bid_rank,
        is_winner,
        {{ as_text('upload_ip') }} as upload_ip,
        nullif(trim(upload_mac), '') as upload_mac,
        nullif(trim(disk_serial), '') as disk_serial,
        nullif(trim(software_lock_no), '') as software_lock_no,
        deposit_account_key,
        agent_person_key,
        nullif(trim(doc_author), '') as doc_author,
        nullif(trim(doc_last_modified_by), '') as doc_last_modified_by,
        nullif(trim(doc_company), '') as doc_company,
        doc_created_at,
        doc_simhash,
        doc_sha256,
        _batch_id as batch_id
    from latest
)

select * from typed
