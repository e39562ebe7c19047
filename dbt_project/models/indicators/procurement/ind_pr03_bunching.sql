-- Grain: one organisation, method and kind of limit, and calendar year.
-- Rule: PR03, purchases just below the limit of their method (at least 95 % of it) are twice as many as those of 85 to 95 %,
-- and there are at least ten in both bands. The single ones are signals to look at, never a finding; as a statistic it
-- never says red. At risk is what was bought just below the limit beyond an even spread over the bands.
-- Source: int_bunched_purchase, int_bound_purchase.
with bunched as (
    select * from {{ ref('int_bunched_purchase') }}
),

outcomes as (
    select
        org_code,
        subject_id,
        make_date(purchase_year, 1, 1) as period_start,
        make_date(purchase_year, 12, 31) as period_end,
        purchase_year,
        {{
            outcome_of('verdict', not_computable=['missing_limit', 'missing_parent_contract', 'missing_amount', 'below_volume'])
        }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        ratio,
        near,
        before,
        near_amount,
        min_ratio as threshold,
        -- The band before is twice as wide: spread evenly, the band at the limit holds half as many.
        cast(0.5 as numeric(18, 4)) as expected,
        near as n
    from bunched
),

purchases as (
    select
        purchase.*,
        cast(extract(year from purchase_date) as integer) as purchase_year
    from {{ ref('int_bound_purchase') }} as purchase
    where limit_amount > 0
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_project' as source_table,
        purchases.project_id as row_key,
        outcomes.ratio / nullif(outcomes.near, 0) as value,
        purchases.amount * greatest(0, 1 - outcomes.before * 0.5 / nullif(outcomes.near, 0)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join purchases
        on
            outcomes.org_code = purchases.org_code
            and outcomes.subject_id = purchases.method || '|' || purchases.limit_kind
            and outcomes.purchase_year = purchases.purchase_year
    {{ threshold_join('band', 'PR03', 'band', 'outcomes.org_code', 'outcomes.period_start') }}
    where
        outcomes.outcome in ('fired', 'guarded')
        and purchases.amount >= purchases.limit_amount * (1 - band.value)
        and purchases.amount < purchases.limit_amount
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'PR03', '1.1.0', "'purchase_bunching'", 'with_evidence', value='ratio',
            absent=['dept_code', 'doctor_code', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
