-- pr_eval_score: one row an expert's score of a bid for one factor. Source: t_expert_score.
-- Normalised: factor. expert_key is the clear identity number: the extract replaces it.
select
    hospital_code as org_code,
    tender_no as project_id,
    package_no as lot_no,
    supplier_code,
    expert_id as expert_key,
    is_owner = '1' as expert_is_hospital,
    case factor_code when '01' then 'price' when '02' then 'technical' when '03' then 'service' end as criterion,
    score,
    full_score as max_score,
    updt_time as src_updated_at
from t_expert_score
where updt_time >= :window_start and updt_time < :window_end
