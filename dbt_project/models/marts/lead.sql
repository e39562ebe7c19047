{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='lead_id',
        on_schema_change='append_new_columns',
        full_refresh=false,
        indexes=[{'columns': ['lead_id'], 'unique': true}, {'columns': ['org_code', 'period_start']}],
    )
}}

{#- Leads of a past day are built aside: those that are gone since or were found later are not theirs. -#}
{%- set is_past = var('known_on') %}

-- Grain: one indicator, organisation, subject and period that fired once.
-- Rule: red is a deterministic or reconciliation lead with closed evidence from ALL.red_amount upwards, or
-- leads of two families and of two concepts (two views of one deed are one) on one subject in one month;
-- everything else is yellow, so a statistical lead alone is never red. A lead that no longer fires stays with
-- is_active false; first_seen_at never changes, which is why a full refresh leaves this table alone and a first
-- build begins with what the ledger says of earlier detections (stg_ops__lead_register). For the same reason a
-- column that a later version brings is added to a table that stands (append_new_columns) and empty in what it
-- has recorded, until a run finds the lead again.
with results as (
    select
        {{ lead_id('indicator_result') }} as lead_id,
        indicator_result.*
    from {{ ref('indicator_result') }} as indicator_result
    where outcome = 'fired'
),

indicators as (
    select * from {{ ref('indicator') }}
),

described as (
    select
        results.*,
        indicators.family,
        indicators.concept,
        indicators.kind,
        -- The fund plays no part in purchasing: there the gross amount decides.
        case
            when indicators.family = 'procurement' then results.risk_gross
            else results.risk_fund
        end as amount_at_risk,
        red_amount.value as red_amount,
        coalesce(versions.rule_version, results.rule_version) as applied_version
    from results
    inner join indicators on results.indicator_id = indicators.indicator_id
    left join {{ ref('int_rule_version') }} as versions
        on
            results.indicator_id = versions.indicator_id
            and results.org_code = versions.org_code
            and {{ month_of('results.period_start') }} between versions.valid_from and versions.valid_to
    {{ threshold_join('red_amount', 'ALL', 'red_amount', 'results.org_code', month_of('results.period_start')) }}
),

families as (
    select
        org_code,
        subject_type,
        subject_id,
        {{ month_of('period_start') }} as period_month,
        count(distinct family) as family_count,
        count(distinct concept) as concept_count
    from described
    group by org_code, subject_type, subject_id, {{ month_of('period_start') }}
),

lit as (
    select
        described.lead_id,
        described.indicator_id,
        described.applied_version as rule_version,
        described.org_code,
        described.subject_type,
        described.subject_id,
        described.dept_code,
        described.doctor_code,
        described.period_start,
        described.period_end,
        described.value,
        described.threshold,
        described.expected,
        described.limit_lower,
        described.limit_upper,
        described.peer_group,
        described.peer_n,
        described.n,
        described.deviation,
        described.q_value,
        described.risk_gross,
        described.risk_fund,
        described.kind,
        described.state,
        case
            when families.family_count >= 2 and families.concept_count >= 2 then 'red'
            when
                described.kind in ('D', 'R')
                and described.state = '疑点'
                and coalesce(described.zone, 'red') = 'red'
                and described.amount_at_risk >= described.red_amount
                then 'red'
            else 'yellow'
        end as light,
        described.guard_applied,
        described.evidence
    from described
    inner join families
        on
            described.org_code = families.org_code
            and described.subject_type = families.subject_type
            and described.subject_id = families.subject_id
            and {{ month_of('described.period_start') }} = families.period_month
),

{% if is_incremental() -%}
{#- A table of an earlier version has no column yet for what is newer than it: dbt adds it after reading it here. -#}
{%- set held = columns_held(this) %}
known as (
    select
        lead_id,
        indicator_id,
        rule_version,
        org_code,
        subject_type,
        subject_id,
        dept_code,
        doctor_code,
        period_start,
        period_end,
        value,
        threshold,
        expected,
        {%- for column in ['limit_lower', 'limit_upper'] %}
        {{ column if column in held else 'cast(null as numeric(18, 4)) as ' ~ column }},
        {%- endfor %}
        peer_group,
        peer_n,
        n,
        deviation,
        q_value,
        risk_gross,
        risk_fund,
        kind,
        state,
        light,
        guard_applied,
        evidence,
        is_active,
        first_seen_at,
        last_seen_at
    from {{ this }}
),
{%- else -%}
known as (
    select * from {{ ref('stg_ops__lead_register') }}
),
{%- endif %}

current_leads as (
    select
        lit.*,
        1 = 1 as is_active,
        least({{ detect_date() }}, coalesce(known.first_seen_at, {{ detect_date() }})) as first_seen_at,
        {%- if is_past %}
        {{ detect_date() }} as last_seen_at
        {%- else %}
        greatest({{ detect_date() }}, coalesce(known.last_seen_at, {{ detect_date() }})) as last_seen_at
        {%- endif %}
    from lit
    left join known on lit.lead_id = known.lead_id
),

gone as (
    select
        known.lead_id,
        known.indicator_id,
        known.rule_version,
        known.org_code,
        known.subject_type,
        known.subject_id,
        known.dept_code,
        known.doctor_code,
        known.period_start,
        known.period_end,
        known.value,
        known.threshold,
        known.expected,
        known.limit_lower,
        known.limit_upper,
        known.peer_group,
        known.peer_n,
        known.n,
        known.deviation,
        known.q_value,
        known.risk_gross,
        known.risk_fund,
        known.kind,
        known.state,
        known.light,
        known.guard_applied,
        known.evidence,
        1 = 0 as is_active,
        known.first_seen_at,
        known.last_seen_at
    from known
    left join lit on known.lead_id = lit.lead_id
    where lit.lead_id is null and {{ '1 = 0' if is_past else '1 = 1' }}
),

leads as (
    select * from current_leads
    union all
    select * from gone
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(rule_version as varchar(20)) as rule_version,
        cast(org_code as varchar(12)) as org_code,
        cast(subject_type as varchar(30)) as subject_type,
        cast(subject_id as varchar(200)) as subject_id,
        cast(dept_code as varchar(60)) as dept_code,
        cast(doctor_code as varchar(60)) as doctor_code,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(value as numeric(18, 4)) as value,
        cast(threshold as numeric(18, 4)) as threshold,
        cast(expected as numeric(18, 4)) as expected,
        cast(limit_lower as numeric(18, 4)) as limit_lower,
        cast(limit_upper as numeric(18, 4)) as limit_upper,
        cast(peer_group as varchar(200)) as peer_group,
        cast(peer_n as integer) as peer_n,
        cast(n as integer) as n,
        cast(deviation as numeric(18, 4)) as deviation,
        cast(q_value as numeric(18, 8)) as q_value,
        cast(risk_gross as numeric(18, 2)) as risk_gross,
        cast(risk_fund as numeric(18, 2)) as risk_fund,
        cast(kind as varchar(10)) as kind,
        cast(state as varchar(10)) as state,
        cast(light as varchar(10)) as light,
        cast(guard_applied as varchar(200)) as guard_applied,
        {{ as_text('evidence') }} as evidence,
        cast(is_active as boolean) as is_active,
        cast(first_seen_at as date) as first_seen_at,
        cast(last_seen_at as date) as last_seen_at
    from leads
)
{%- if is_incremental() %},

-- Only what differs is written: a second run on the same day changes no row.
changed as (
    select * from typed
    except
    select * from known
)

select * from changed
{%- else %}

select * from typed
{%- endif %}
