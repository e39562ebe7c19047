-- his_order_exec: one row an execution of an order. Source: inpt_advice_exec.
-- Normalised: status (1 planned, 2 executed, 9 cancelled).
select
    :org_code as org_code,
    id::text as exec_id,
    advice_id::text as order_id,
    visit_id::text as adm_id,
    plan_exec_time as plan_time,
    exec_time,
    exec_code as exec_staff_code,
    exec_num as exec_qty,
    case status_code when '1' then 'planned' when '2' then 'executed' when '9' then 'cancelled' end as status,
    updt_time as src_updated_at
from inpt_advice_exec
where updt_time >= :window_start and updt_time < :window_end
