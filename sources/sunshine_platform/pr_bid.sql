-- pr_bid: one row a bid on a package. Source: t_tender_bid.
-- deposit_account_key and agent_person_key are clear values: the extract replaces them.
select
    hospital_code as org_code,
    tender_no as project_id,
    package_no as lot_no,
    supplier_code,
    bid_time,
    bid_amount,
    null as discount_rate,
    is_valid = '1' as is_valid,
    reject_reason,
    rank_no as rank,
    score,
    is_winner = '1' as is_winner,
    upload_ip,
    upload_mac,
    disk_serial,
    lock_no as software_lock_no,
    deposit_account as deposit_account_key,
    deposit_bank,
    agent_id as agent_person_key,
    doc_author,
    doc_editor as doc_last_modified_by,
    doc_company,
    doc_created as doc_created_at,
    cast(doc_simhash as bigint) as doc_simhash,
    doc_hash as doc_sha256,
    updt_time as src_updated_at
from t_tender_bid
where updt_time >= :window_start and updt_time < :window_end
