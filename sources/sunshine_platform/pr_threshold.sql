-- pr_threshold: one row a procurement limit and period, for the whole region (org_code *).
-- Source: t_purchase_limit. Normalised: kind of limit.
select
    '*' as org_code,
    region_code,
    category_kind,
    case limit_type
        when '1' then 'open_tender'
        when '2' then 'decentralised'
        when '3' then 'intra_hospital_single'
    end as threshold_kind,
    amount,
    source_doc,
    valid_from,
    valid_to,
    null as src_updated_at
from t_purchase_limit
