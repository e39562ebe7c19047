-- his_rx_review: one row a review. Source: phar_comment.
-- Normalised: kind (1 sample, 2 special, 3 before dispensing), result (0 to 3); problem codes, which the
-- product divides by commas, in ascending order and divided by bars.
select
    :org_code as org_code,
    id::text as review_id,
    op_id::text as rx_id,
    visit_id::text as adm_id,
    comment_date as review_date,
    case type_code when '1' then 'sample' when '2' then 'special' when '3' then 'pre_audit' end as review_kind,
    case result_code
        when '0' then 'reasonable'
        when '1' then 'irregular'
        when '2' then 'unsuitable'
        when '3' then 'abnormal'
    end as result,
    (
        select string_agg(code, '|' order by code collate "C")
        from unnest(string_to_array(problem_codes, ',')) as found (code)
    ) as problem_codes,
    comment_code as reviewer_code,
    doctor_reply,
    updt_time as src_updated_at
from phar_comment
where updt_time >= :window_start and updt_time < :window_end
