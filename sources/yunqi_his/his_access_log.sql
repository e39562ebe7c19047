-- his_access_log: one row a query. Source: sys_access_log, which only grows.
select
    :org_code as org_code,
    id::text as log_id,
    crte_time as log_time,
    account,
    user_code as staff_code,
    client_ip,
    app_name as app,
    object_name,
    sql_sha256 as statement_hash,
    row_num as row_count,
    is_export = '1' as exported,
    is_doctor = '1' as touches_doctor,
    is_drug_num = '1' as touches_drug_qty,
    null as src_updated_at
from sys_access_log
where crte_time >= :window_start and crte_time < :window_end
