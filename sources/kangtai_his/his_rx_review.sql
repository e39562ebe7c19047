-- his_rx_review: one row a review. Source: yf_cfdp.
-- Normalised: kind (CY sample, ZX special, QZ before dispensing), result; problem codes, which the product
-- divides by semicolons, in ascending order and divided by bars.
select
    :org_code as org_code,
    dpxh::text as review_id,
    cfsb::text as rx_id,
    zyh::text as adm_id,
    dprq as review_date,
    case dplb when 'CY' then 'sample' when 'ZX' then 'special' when 'QZ' then 'pre_audit' end as review_kind,
    case dpjg
        when '合理' then 'reasonable'
        when '不规范' then 'irregular'
        when '不适宜' then 'unsuitable'
        when '超常' then 'abnormal'
    end as result,
    (
        select string_agg(code, '|' order by code collate "C")
        from unnest(string_to_array(wtdm, ';')) as found (code)
    ) as problem_codes,
    dpys as reviewer_code,
    yshf as doctor_reply,
    null as src_updated_at
from yf_cfdp
where dprq >= :window_start and dprq < :window_end
