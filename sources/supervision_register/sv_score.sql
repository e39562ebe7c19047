-- sv_score: one row a line of a score. Source: score_line. Normalised: kind of subject.
select
    hospital_code as org_code,
    line_no as score_id,
    case object_type when '1' then 'department' when '2' then 'staff' end as subject_type,
    object_code as subject_code,
    period,
    scheme as scheme_version,
    item_code,
    points,
    source_no as source_ref,
    updt_time as src_updated_at
from score_line
where updt_time >= :window_start and updt_time < :window_end
