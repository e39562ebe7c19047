-- his_rx: one row a prescription. Source: ms_cf01.
-- Normalised: kind (cflb) and status (zfpb cancelled, tybz returned).
select
    :org_code as org_code,
    cast(cfsb as varchar(40)) as rx_id,
    cfhm as rx_no,
    cast(jzxh as varchar(40)) as visit_id,
    cast(brid as varchar(40)) as patient_id,
    case cflb
        when '01' then 'outpatient'
        when '02' then 'emergency'
        when '03' then 'pediatric'
        when '06' then 'herb'
        when '07' then 'long_term'
    end as rx_kind,
    ysdm as doctor_code,
    ksdm as dept_code,
    kfrq as rx_time,
    hdgh as review_pharmacist,
    fygh as dispense_pharmacist,
    null as valid_days,
    case when cqbz = 'Y' then 1 when cqbz is not null then 0 end as long_term_flag,
    cqyy as extend_reason,
    case when zfpb = '1' then 'cancelled' when tybz = '1' then 'returned' else 'valid' end as status,
    zfsj as cancel_time,
    cfts as herb_doses,
    null as settle_id,
    null as src_updated_at
from ms_cf01
where kfrq >= convert(datetime, :window_start, 120) and kfrq < convert(datetime, :window_end, 120)
