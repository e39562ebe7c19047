-- A lead that an indicator flags by its distance from the peers lies within its control limits: either is wrong.
-- Held against its limits is what exceeds the modified z of its indicator, where that is at least as strict as the
-- limits (ALL.funnel_z); growth, caps, targets and sums over months (RX03, RX04, CH01) fire by rules of their own. Of
-- essential medicines (RX09) it is the low shares that stand out.
with leads as (
    select
        lead.*,
        {{ month_of('lead.period_start') }} as period_month
    from {{ ref('lead') }} as lead
    where lead.is_active and lead.limit_lower is not null
)

select leads.lead_id
from leads
inner join {{ ref('org_threshold') }} as distance
    on
        leads.org_code = distance.org_code
        and leads.period_month between distance.valid_from and distance.valid_to
        and leads.indicator_id = distance.indicator_id
        and distance.param = 'mod_z'
        and distance.qualifier = ''
{{ threshold_join('funnel', 'ALL', 'funnel_z', 'leads.org_code', 'leads.period_month') }}
where
    leads.deviation > distance.value
    and distance.value >= funnel.value
    and case leads.indicator_id
        when 'RX09' then leads.value > leads.limit_lower
        else leads.value < leads.limit_upper
    end
