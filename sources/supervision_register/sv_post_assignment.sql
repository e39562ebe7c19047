-- sv_post_assignment: one row a period of a person in a post. Source: post_record. Normalised: post.
select
    hospital_code as org_code,
    staff_code,
    case post_code
        when 'CG' then 'purchasing'
        when 'SP' then 'approval'
        when 'YS' then 'acceptance'
        when 'KG' then 'storekeeping'
        when 'YF' then 'pharmacy'
        when 'SF' then 'cashier'
        when 'TF' then 'statistics'
        when 'HT' then 'contract'
        when 'QT' then 'other'
    end as post_code,
    is_key = '1' as is_key_post,
    begin_date as start_on,
    end_date as end_on,
    rotate_months as rotation_limit_months,
    updt_time as src_updated_at
from post_record
