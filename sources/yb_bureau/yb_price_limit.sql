-- yb_price_limit: one row a price limit by item, region, hospital level and period, for the whole
-- region (org_code *). Source: hilist_pric_lmt_b.
select
    '*' as org_code,
    hilist_code as med_list_codg,
    insu_admdvs,
    hosp_lv,
    pric_uplmt_amt,
    chrgitm_lv,
    selfpay_prop,
    null as lmt_used_flag,
    null as lmt_cpnd,
    begndate,
    enddate,
    null as src_updated_at
from hilist_pric_lmt_b
