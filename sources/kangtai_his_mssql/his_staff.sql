-- his_staff: one row a staff member. Source: gy_ygdm.
-- Normalised: title (GB/T 8561 codes). staff_key is the clear identity number: the extract
-- replaces it.
select
    :org_code as org_code,
    ygdm as staff_code,
    ygxm as staff_name,
    sfzh as staff_key,
    ybysdm as hi_staff_code,
    ksdm as dept_code,
    case ygzw
        when '231' then 'resident'
        when '233' then 'attending'
        when '234' then 'associate'
        when '235' then 'chief'
    end as title_level,
    kssqx as antibac_level,
    case when mzqx = 'Y' then 1 when mzqx is not null then 0 end as narcotic_right,
    try_convert(date, cfqsrq, 112) as rx_right_from,
    null as rx_right_to,
    case when zfpb = '0' then 1 when zfpb is not null then 0 end as is_active,
    null as src_updated_at
from gy_ygdm
