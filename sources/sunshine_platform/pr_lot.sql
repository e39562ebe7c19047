-- pr_lot: one row a package of a tender. Source: t_tender_package. Normalised: outcome.
select
    hospital_code as org_code,
    tender_no as project_id,
    package_no as lot_no,
    content as item_desc,
    ceiling as ceiling_amount,
    case result when '1' then 'awarded' when '2' then 'failed' end as outcome,
    winner_code as winner_supplier_code,
    award as award_amount,
    null as fail_reason,
    updt_time as src_updated_at
from t_tender_package
where updt_time >= :window_start and updt_time < :window_end
