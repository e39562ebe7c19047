-- his_access_log: one row a query. Source: gy_czrz, which only grows. Row counts are text.
select
    :org_code as org_code,
    rzxh::text as log_id,
    czsj as log_time,
    zh as account,
    ygdm as staff_code,
    khdip as client_ip,
    cxmc as app,
    dxmc as object_name,
    yjzy as statement_hash,
    fhhs as row_count,
    dcbz = 'Y' as exported,
    ysbz = 'Y' as touches_doctor,
    ylbz = 'Y' as touches_drug_qty,
    null as src_updated_at
from gy_czrz
where czsj >= :window_start and czsj < :window_end
