-- sv_visit: one row a visit. Sources: visit_log, visit_log_staff, visit_log_product.
-- Normalised: reason, and the persons met and products shown as lists in ascending order.
with met as (
    select
        hospital_code,
        visit_no,
        string_agg(staff_code, '|' order by staff_code collate "C") as staff_codes
    from visit_log_staff
    group by hospital_code, visit_no
),

shown as (
    select
        hospital_code,
        visit_no,
        string_agg(national_code, '|' order by national_code collate "C") as national_codes
    from visit_log_product
    group by hospital_code, visit_no
)

select
    visit_log.hospital_code as org_code,
    visit_log.visit_no as visit_id,
    visit_log.rep_no as rep_id,
    visit_log.supplier_code,
    visit_log.begin_time as visit_start,
    visit_log.end_time as visit_end,
    visit_log.place,
    visit_log.appointed = '1' as is_appointed,
    visit_log.approver as approved_by,
    case visit_log.reason
        when '01' then 'academic'
        when '02' then 'product'
        when '03' then 'delivery'
        when '04' then 'after_sales'
        when '05' then 'contract'
        when '06' then 'talk'
        when '99' then 'other'
    end as purpose,
    visit_log.dept_code,
    met.staff_codes as met_staff_codes,
    shown.national_codes as product_codes,
    visit_log.recorder as recorder_code,
    visit_log.updt_time as src_updated_at
from visit_log
left join met on met.hospital_code = visit_log.hospital_code and met.visit_no = visit_log.visit_no
left join shown on shown.hospital_code = visit_log.hospital_code and shown.visit_no = visit_log.visit_no
where visit_log.updt_time >= :window_start and visit_log.updt_time < :window_end
