-- sv_gift: one row a gift handed in. Source: gift. Normalised: kind of giver.
select
    hospital_code as org_code,
    gift_no as gift_id,
    staff_code,
    case giver_code
        when '1' then 'patient'
        when '2' then 'supplier'
        when '3' then 'rep'
        when '4' then 'colleague'
        when '9' then 'unknown'
    end as giver_type,
    amount,
    hand_in_time as handed_in_at,
    return_time as returned_at,
    remark as note,
    updt_time as src_updated_at
from gift
