{{ config(description='统计类线索单独出现时亮了红灯：统计离群只是线索，单独不得为红。') }}
-- A statistical lead is red although no lead of another family concerns its subject in its month: being
-- an outlier is no proof, and nobody may be shown red for it alone.
with leads as (
    select
        lead.*,
        indicator.family,
        {{ month_of('lead.period_start') }} as period_month
    from {{ ref('lead') }} as lead
    inner join {{ ref('indicator') }} as indicator on lead.indicator_id = indicator.indicator_id
    where lead.is_active
)

select statistical.lead_id
from leads as statistical
where
    statistical.kind = 'S'
    and statistical.light = 'red'
    and not exists (
        select 1
        from leads as other
        where
            other.org_code = statistical.org_code
            and other.subject_type = statistical.subject_type
            and other.subject_id = statistical.subject_id
            and other.period_month = statistical.period_month
            and other.family <> statistical.family
    )
