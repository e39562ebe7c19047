-- Grain: one hospital, family of indicators and month for which it must answer (core.org_month), or in which it has a
-- lead of the family.
-- Rule: the worst light of its active leads; without leads green, or grey where the mean coverage of the family's
-- indicators is below ALL.min_coverage. Money: a row that several leads of the family point to counts once, with its
-- largest amount; a lead whose evidence carries no amounts counts with its total.
-- Source: lead_entity, lead, lead_evidence, indicator_coverage.
with leads as (
    select
        entities.lead_id,
        entities.org_code,
        indicators.family,
        entities.period_month,
        lead.light,
        lead.risk_gross,
        lead.risk_fund
    from {{ ref('lead_entity') }} as entities
    inner join {{ ref('lead') }} as lead on entities.lead_id = lead.lead_id
    inner join {{ ref('indicator') }} as indicators on lead.indicator_id = indicators.indicator_id
    where entities.entity_type = 'hospital'
),

families as (
    select
        code as family,
        label_zh as family_zh
    from {{ ref('code_label') }}
    where code_set = 'family'
),

cells as (
    select
        months.org_code,
        families.family,
        months.month_start as period_month
    from {{ ref('org_month') }} as months
    cross join families
    union
    select
        org_code,
        family,
        period_month
    from leads
),

counts as (
    select
        org_code,
        family,
        period_month,
        count(*) as lead_count,
        count(*) filter (where light = 'red') as red_count
    from leads
    group by org_code, family, period_month
),

coverage_months as (
    {{ coverage_by_month() }}
),

coverage as (
    select
        org_code,
        family,
        period_month,
        coverage_sum / nullif(indicators, 0) as coverage_ratio
    from coverage_months
),

risk_rows as (
    {{ rows_at_risk('leads') }}
),

counted_once as (
    select
        leads.org_code,
        leads.family,
        leads.period_month,
        risk_rows.risk_key,
        max(risk_rows.risk_gross) as risk_gross,
        max(risk_rows.risk_fund) as risk_fund
    from leads
    inner join risk_rows on leads.lead_id = risk_rows.lead_id
    group by leads.org_code, leads.family, leads.period_month, risk_rows.risk_key
),

risks as (
    select
        org_code,
        family,
        period_month,
        sum(risk_gross) as risk_gross,
        sum(risk_fund) as risk_fund
    from counted_once
    group by org_code, family, period_month
),

lit as (
    select
        cells.org_code,
        organisations.org_name,
        organisations.org_level_zh,
        organisations.district_name,
        cells.family,
        families.family_zh,
        cells.period_month,
        case
            when counts.red_count > 0 then 'red'
            when counts.lead_count > 0 then 'yellow'
            when coverage.coverage_ratio >= min_coverage.value then 'green'
            else 'grey'
        end as light,
        coalesce(counts.lead_count, 0) as lead_count,
        coalesce(counts.red_count, 0) as red_count,
        coalesce(risks.risk_gross, 0) as risk_gross,
        coalesce(risks.risk_fund, 0) as risk_fund,
        coalesce(coverage.coverage_ratio, 0) as coverage_ratio
    from cells
    inner join families on cells.family = families.family
    left join counts
        on
            cells.org_code = counts.org_code
            and cells.family = counts.family
            and cells.period_month = counts.period_month
    left join coverage
        on
            cells.org_code = coverage.org_code
            and cells.family = coverage.family
            and cells.period_month = coverage.period_month
    left join risks
        on
            cells.org_code = risks.org_code
            and cells.family = risks.family
            and cells.period_month = risks.period_month
    left join {{ ref('organisation') }} as organisations on cells.org_code = organisations.org_code
    {{ threshold_join('min_coverage', 'ALL', 'min_coverage', 'cells.org_code', 'cells.period_month') }}
),

typed as (
    select
        cast(lit.org_code as varchar(12)) as org_code,
        cast(lit.org_name as varchar(200)) as org_name,
        cast(lit.org_level_zh as varchar(60)) as org_level_zh,
        cast(lit.district_name as varchar(60)) as district_name,
        cast(lit.family as varchar(30)) as family,
        cast(lit.family_zh as varchar(30)) as family_zh,
        cast(lit.period_month as date) as period_month,
        cast(lit.light as varchar(10)) as light,
        cast(labels.label_zh as varchar(10)) as light_zh,
        cast(lit.lead_count as integer) as lead_count,
        cast(lit.red_count as integer) as red_count,
        cast(lit.risk_gross as numeric(18, 2)) as risk_gross,
        cast(lit.risk_fund as numeric(18, 2)) as risk_fund,
        cast(lit.coverage_ratio as numeric(5, 4)) as coverage_ratio
    from lit
    left join {{ ref('code_label') }} as labels on lit.light = labels.code and labels.code_set = 'light'
)

select * from typed
