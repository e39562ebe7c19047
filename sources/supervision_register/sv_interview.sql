-- sv_interview: one row an interview. Source: interview. Normalised: kind of party.
select
    hospital_code as org_code,
    interview_no as interview_id,
    case object_type
        when '1' then 'supplier'
        when '2' then 'department'
        when '3' then 'staff'
        when '4' then 'patient'
    end as party_type,
    object_code as party_code,
    interview_date as held_on,
    topic,
    result,
    updt_time as src_updated_at
from interview
