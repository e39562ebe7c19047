-- Grain: one matter that was closed after rectification.
-- Rule: XS14, the same indicator fires for the same entity in a period that begins after the closing, within relapse_days.
-- Beside it: how often it fired in as many days before, and how far the values of the same subjects have moved
-- (paired means). Guarded: the rule has changed since the notice; the finding's period had begun before the closing.
-- The rows behind are the matter (with the number of findings), its notice, and the rows of the later findings.
-- Source: core.fct_rectification, core.org_month, int_rectified_result, int_recurrence_finding.
with matters as (
    select
        matters.org_code,
        matters.rect_id,
        matters.notice_id,
        matters.indicator_id,
        matters.closed_on,
        matters.has_notice,
        case
            when matters.entity_type = 'department' then matters.entity_code
            when matters.entity_type = 'staff' then staff.dept_code
        end as dept_code,
        case when matters.entity_type = 'staff' then matters.entity_code end as doctor_code,
        matters.closed_month as period_start,
        cast(max_findings.value as integer) as threshold,
        {{ add_days('matters.closed_on', 'cast(relapse_days.value as integer)') }} as period_end
    from {{ ref('fct_rectification') }} as matters
    left join {{ ref('dim_doctor') }} as staff
        on
            matters.org_code = staff.org_code
            and matters.entity_code = staff.doctor_code
    {{ threshold_join('relapse_days', 'XS14', 'relapse_days', 'matters.org_code', 'matters.closed_month') }}
    {{ threshold_join('max_findings', 'XS14', 'max_findings', 'matters.org_code', 'matters.closed_month') }}
    where matters.status = 'closed' and matters.closed_on is not null
),

-- Months that begin after the closing and are there to be looked at.
observed as (
    select
        matters.org_code,
        matters.rect_id,
        count(*) as months
    from matters
    inner join {{ ref('org_month') }} as months
        on
            months.org_code = matters.org_code
            and months.month_start > matters.closed_on
            and months.month_start <= matters.period_end
    group by matters.org_code, matters.rect_id
),

evaluated as (
    select
        matters.org_code,
        matters.rect_id,
        count(distinct {{ month_of('results.period_start') }}) as months
    from matters
    inner join {{ ref('int_rectified_result') }} as results
        on
            results.org_code = matters.org_code
            and results.indicator_id = matters.indicator_id
            and results.period_start > matters.closed_on
            and results.period_start <= matters.period_end
    where results.outcome <> 'not_computable'
    group by matters.org_code, matters.rect_id
),

findings as (
    select * from {{ ref('int_recurrence_finding') }}
),

counts as (
    select
        org_code,
        rect_id,
        count(case when place = 'before' then 1 end) as before_count,
        count(case when place = 'across' then 1 end) as across_count,
        count(case when place = 'after' and is_rule_changed = 1 then 1 end) as changed_count,
        count(case when place = 'after' and is_rule_changed = 0 then 1 end) as after_count,
        max(
            case
                when place = 'after' and is_rule_changed = 0 and state = '疑点' and coalesce(zone, 'red') = 'red' then 1
                else 0
            end
        ) as has_red,
        max(case when place = 'after' and is_rule_changed = 0 and state = '疑点' then 1 else 0 end) as has_question
    from findings
    group by org_code, rect_id
),

-- The same subject before and after: only these can be compared.
means as (
    select
        org_code,
        rect_id,
        subject_type,
        subject_id,
        avg(case when place = 'before' then value end) as before_value,
        avg(case when place = 'after' and is_rule_changed = 0 then value end) as after_value
    from findings
    group by org_code, rect_id, subject_type, subject_id
),

paired as (
    select
        org_code,
        rect_id,
        cast(avg((after_value - before_value) / nullif(abs(before_value), 0)) as numeric(18, 4)) as deviation
    from means
    where before_value is not null and after_value is not null
    group by org_code, rect_id
),

judged as (
    select
        matters.*,
        coalesce(evaluated.months, 0) as n,
        coalesce(counts.before_count, 0) as expected,
        coalesce(counts.after_count, 0) as value,
        paired.deviation,
        case
            when counts.after_count > matters.threshold then 'fired'
            when matters.indicator_id is null then 'no_indicator'
            when observed.months is null then 'closed_too_recently'
            when evaluated.months is null then 'not_evaluated_since'
            when counts.changed_count > 0 then 'rule_changed'
            when counts.across_count > 0 then 'began_before_closing'
            else 'clear'
        end as verdict,
        case when counts.has_red = 1 then 'red' else 'yellow' end as zone,
        case when counts.has_question = 1 then '疑点' else '线索' end as state
    from matters
    left join observed
        on
            observed.org_code = matters.org_code
            and observed.rect_id = matters.rect_id
    left join evaluated
        on
            evaluated.org_code = matters.org_code
            and evaluated.rect_id = matters.rect_id
    left join counts
        on
            counts.org_code = matters.org_code
            and counts.rect_id = matters.rect_id
    left join paired
        on
            paired.org_code = matters.org_code
            and paired.rect_id = matters.rect_id
),

outcomes as (
    select
        judged.*,
        rect_id as subject_id,
        verdict as reason,
        {{ outcome_of('verdict', ['no_indicator', 'closed_too_recently', 'not_evaluated_since']) }} as outcome
    from judged
),

-- The findings that made the outcome.
decisive as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        findings.evidence
    from outcomes
    inner join findings
        on
            findings.org_code = outcomes.org_code
            and findings.rect_id = outcomes.rect_id
    where
        (outcomes.verdict = 'fired' and findings.place = 'after' and findings.is_rule_changed = 0)
        or (outcomes.verdict = 'rule_changed' and findings.place = 'after' and findings.is_rule_changed = 1)
        or (outcomes.verdict = 'began_before_closing' and findings.place = 'across')
),

-- A row that several findings name counts once, with its largest amount.
finding_rows as (
    select
        decisive.org_code,
        decisive.subject_id,
        decisive.period_start,
        decisive.outcome,
        evidence.source_table,
        evidence.row_key,
        max(evidence.risk_gross) as risk_gross,
        max(evidence.risk_fund) as risk_fund
    from {{ evidence_rows('decisive', 'decisive') }}
    group by
        decisive.org_code, decisive.subject_id, decisive.period_start, decisive.outcome, evidence.source_table,
        evidence.row_key
),

rows_behind as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'sv_rectification' as source_table,
        rect_id as row_key,
        value,
        cast(null as numeric(18, 2)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded')
    union all
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'sv_notice' as source_table,
        notice_id as row_key,
        0 as value,
        cast(null as numeric(18, 2)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded') and has_notice
    union all
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        source_table,
        row_key,
        0 as value,
        risk_gross,
        risk_fund
    from finding_rows
),

with_evidence as (
    {{ with_evidence('outcomes', 'rows_behind') }}
),

indicator as (
    {{
        indicator_rows(
            'XS14', '1.0.0', "'rectification'", 'with_evidence',
            absent=['peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
