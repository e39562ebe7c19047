-- sv_activity_month: one row a counter and month. Source: activity_report. Normalised: metric.
select
    hospital_code as org_code,
    report_month as month_start,
    case metric_code when 'rules' then 'rules_issued' else metric_code end as metric,
    amount as value,
    updt_time as src_updated_at
from activity_report
where updt_time >= :window_start and updt_time < :window_end
