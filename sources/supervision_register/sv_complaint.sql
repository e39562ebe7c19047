-- sv_complaint: one row a complaint, read whole, so that one which disappears is noticed.
-- Source: complaint. Normalised: channel, topic, kind of target and state.
select
    hospital_code as org_code,
    complaint_no as complaint_id,
    case channel_code
        when '01' then 'qr'
        when '02' then 'phone'
        when '03' then 'letter'
        when '04' then 'visit'
        when '05' then 'online'
        when '06' then 'box'
        when '07' then 'transferred'
    end as channel,
    case topic_code
        when '01' then 'fee'
        when '02' then 'prescribing'
        when '03' then 'gift'
        when '04' then 'attitude'
        when '05' then 'procurement'
        when '06' then 'quality'
        when '07' then 'suggestion'
        when '99' then 'other'
    end as topic,
    case target_type
        when '1' then 'organisation'
        when '2' then 'department'
        when '3' then 'staff'
        when '4' then 'supplier'
    end as target_type,
    target_code,
    receive_time as received_at,
    anonymous = '1' as is_anonymous,
    encounter_no as encounter_id,
    content,
    case state_code
        when '10' then 'received'
        when '20' then 'handling'
        when '30' then 'closed'
        when '90' then 'rejected'
    end as status,
    is_true = '1' as verified,
    finish_time as closed_at,
    updt_time as src_updated_at
from complaint
