-- his_staff: one row a staff member. Source: sys_user.
-- Normalised: title. staff_key is the clear identity number: the extract replaces it.
-- A zero date (0000-00-00) stands for none here.
select
    :org_code as org_code,
    code as staff_code,
    name as staff_name,
    cert_no as staff_key,
    practice_certificate_no as hi_staff_code,
    dept_code,
    case duties_code
        when '1' then 'resident'
        when '2' then 'attending'
        when '3' then 'associate'
        when '4' then 'chief'
    end as title_level,
    antibacterial_code as antibac_level,
    is_narcotic = '1' as narcotic_right,
    nullif(pres_begin_date, '0000-00-00') as rx_right_from,
    nullif(pres_end_date, '0000-00-00') as rx_right_to,
    status_code = '1' as is_active,
    updt_time as src_updated_at
from sys_user
