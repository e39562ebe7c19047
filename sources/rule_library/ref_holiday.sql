-- ref_holiday: one row a holiday or a working day in exchange, for the whole region (org_code *).
-- Source: ref_holiday*.csv, one file a release; a later release is added, none is removed.
select
    '*' as org_code,
    calendar_date,
    is_holiday,
    is_workday_swap,
    holiday_name,
    pre_window,
    null as src_updated_at
from read_csv('{path}/ref_holiday*.csv', header = true, all_varchar = true)
