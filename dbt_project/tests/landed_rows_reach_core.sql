-- Rule: no row is lost or doubled from the ledger through landing to core, unless left out for a stated reason; each row
-- that fails names the step, source and table. What was loaded after the last detection is not in core yet.
select
    step,
    source_id,
    table_name,
    org_code,
    period_month,
    expected_rows,
    found_rows
from {{ ref('row_balance') }}
where step <> 'moved_since_detection'
