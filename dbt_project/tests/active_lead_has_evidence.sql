{{ config(description='触发的线索没有证据行，核查人员无从下手。') }}
-- A lead without a single row behind it cannot be checked by anybody.
select lead_listing.lead_id
from {{ ref('lead_listing') }} as lead_listing
where lead_listing.is_active and lead_listing.evidence_rows = 0
