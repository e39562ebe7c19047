-- A row behind a lead that fires today is in core today: without its batch an auditor cannot follow it to the landed file.
-- What fails here names a table or key that core.evidence_row does not read.
select
    lead_id,
    source_table,
    row_key
from {{ ref('lead_evidence') }}
where batch_id is null
