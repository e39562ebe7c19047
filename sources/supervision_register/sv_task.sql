-- sv_task: one row an action of a campaign. Source: task. Normalised: state.
select
    hospital_code as org_code,
    task_no as task_id,
    campaign,
    dept_code as owner_dept_code,
    owner as owner_staff_code,
    due_date as due_on,
    done_date as done_on,
    case state_code when '1' then 'open' when '2' then 'done' when '9' then 'cancelled' end as status,
    updt_time as src_updated_at
from task
