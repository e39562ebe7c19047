-- sv_followup: one row a call after discharge. Source: discharge_call. An answer nobody gave stays null.
select
    hospital_code as org_code,
    call_no as followup_id,
    adm_no as adm_id,
    call_time as called_at,
    is_reached = '1' as reached,
    stay_ok = '1' as stay_confirmed,
    operation_ok = '1' as surgery_confirmed,
    buy_outside = '1' as outside_purchase,
    gift_asked = '1' as gift_asked,
    fee_dispute = '1' as fee_dispute,
    score as satisfaction,
    remark as note,
    updt_time as src_updated_at
from discharge_call
where updt_time >= :window_start and updt_time < :window_end
