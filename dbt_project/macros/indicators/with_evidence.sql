{#-
    The judged subjects, each joined to its evidence: the sums of its rows and the rows themselves.

    `subjects` has org_code, subject_id, period_start, outcome and what else the output needs.
    `evidence` has one row a source row: org_code, subject_id, period_start, outcome ('fired' or
    'guarded'), source_table, row_key, value, risk_gross, risk_fund (null where no fund line can
    exist). The sums are taken over the rounded figures that the rows show, so that both agree.
    The outcome is part of the join: what a guard took out is not evidence of what fired. An indicator
    with several types of subjects says so (`typed`), and both have subject_type: a doctor and a
    department may have the same code. Where no money is at risk the rows have no risk (`risks` empty).
-#}
{% macro with_evidence(subjects, evidence, typed=false, risks=['risk_gross', 'risk_fund']) -%}
    {%- set gross = 'risk_gross' if 'risk_gross' in risks else 'null' -%}
    {%- set fund = 'risk_fund' if 'risk_fund' in risks else 'null' -%}
    select
        subject.*,
        evidence.value as evidence_value,
        evidence.risk_gross,
        evidence.risk_fund,
        evidence.evidence
    from {{ subjects }} as subject
    left join (
        select
            org_code,
            {%- if typed %}
            subject_type,
            {%- endif %}
            subject_id,
            period_start,
            outcome,
            cast(sum(cast(value as numeric(24, 8))) as numeric(18, 4)) as value,
            cast(sum(cast({{ gross }} as numeric(18, 2))) as numeric(18, 2)) as risk_gross,
            cast(sum(cast({{ fund }} as numeric(18, 2))) as numeric(18, 2)) as risk_fund,
            {{ evidence_json(
                'source_table',
                'row_key',
                'cast(value as numeric(24, 8))',
                'cast(' ~ gross ~ ' as numeric(18, 2))',
                'cast(' ~ fund ~ ' as numeric(18, 2))',
            ) }} as evidence
        from {{ evidence }}
        group by org_code, {% if typed %}subject_type, {% endif %}subject_id, period_start, outcome
    ) as evidence
        on
            evidence.org_code = subject.org_code
            {%- if typed %}
            and evidence.subject_type = subject.subject_type
            {%- endif %}
            and evidence.subject_id = subject.subject_id
            and evidence.period_start = subject.period_start
            and evidence.outcome = subject.outcome
{%- endmacro %}
