-- Grain: one row behind a result that fired, as the indicator names it: landing table and key.
-- Rule: a table of its own, so that the planner knows how few rows it holds when lead_evidence looks
-- them up among all rows of core.
with fired as (
    select
        {{ lead_id('indicator_result') }} as lead_id,
        indicator_result.org_code,
        indicator_result.evidence
    from {{ ref('indicator_result') }} as indicator_result
    where indicator_result.outcome = 'fired' and indicator_result.evidence is not null
),

pointers as (
    select
        fired.lead_id,
        fired.org_code,
        evidence.evidence_no,
        evidence.source_table,
        evidence.row_key,
        evidence.indicator_value,
        evidence.risk_gross,
        evidence.risk_fund
    from {{ evidence_rows('fired', 'fired') }}
)

select * from pointers
