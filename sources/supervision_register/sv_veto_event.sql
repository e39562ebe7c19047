-- sv_veto_event: one row an event that a person confirmed. Source: veto_event. Normalised: codes.
select
    hospital_code as org_code,
    event_no as veto_id,
    case object_type when '1' then 'department' when '2' then 'staff' end as subject_type,
    object_code as subject_code,
    occur_date as occurred_on,
    case kind_code when '01' then 'gift' when '02' then 'dispute' when '03' then 'private_gain' end as kind,
    confirmer as confirmed_by,
    confirm_time as confirmed_at,
    evidence_no as evidence_ref,
    case appeal_code
        when '0' then 'none'
        when '1' then 'pending'
        when '2' then 'upheld'
        when '3' then 'revoked'
    end as appeal_status,
    updt_time as src_updated_at
from veto_event
