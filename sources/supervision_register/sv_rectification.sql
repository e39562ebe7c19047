-- sv_rectification: one row a matter under a notice. Source: rectify_item. Normalised: kind of subject, state.
select
    hospital_code as org_code,
    item_id as rect_id,
    doc_id as notice_id,
    indicator_code as indicator_id,
    case object_type
        when '1' then 'supplier'
        when '2' then 'department'
        when '3' then 'staff'
        when '5' then 'item'
        when '6' then 'organisation'
    end as entity_type,
    object_code as entity_code,
    case state_code
        when '10' then 'open'
        when '20' then 'submitted'
        when '30' then 'reviewed'
        when '40' then 'closed'
        when '90' then 'returned'
    end as status,
    submit_date as submitted_on,
    review_date as reviewed_on,
    close_date as closed_on,
    refund_amount as refunded_amount,
    reviewer as reviewer_code,
    updt_time as src_updated_at
from rectify_item
