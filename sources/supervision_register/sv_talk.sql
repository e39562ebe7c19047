-- sv_talk: one row a talk. Source: talk. Normalised: kind and level.
select
    hospital_code as org_code,
    talk_no as talk_id,
    staff_code,
    talk_date as held_on,
    case kind_code
        when '1' then 'routine'
        when '2' then 'pre_appointment'
        when '3' then 'pre_holiday'
        when '4' then 'reminder'
        when '5' then 'admonition'
    end as kind,
    case level_code
        when '1' then 'party_secretary'
        when '2' then 'leader'
        when '3' then 'discipline'
        when '4' then 'department_head'
    end as level,
    updt_time as src_updated_at
from talk
