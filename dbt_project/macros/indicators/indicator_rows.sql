{#-
    The output of an indicator model: the agreed columns, each cast in full.

    `relation` has one row a subject and period; `subject_type`, `value` and `deviation` are expressions.
    Columns in `absent` do not exist for this indicator and come out as null. Risk, zone and evidence of a
    subject that neither fired nor was guarded are null: nobody should read a risk from a clear row.
    `limits` says that `relation` has control limits (limit_lower, limit_upper); without, they come out as null.
-#}
{% macro indicator_rows(indicator_id, rule_version, subject_type, relation, value='value', deviation='deviation', absent=[], limits=false) -%}
    {%- set text = api.Column.translate_type('string') -%}
    {%- set columns = {
        'dept_code': text,
        'doctor_code': text,
        'period_start': 'date',
        'period_end': 'date',
        'outcome': text,
        'reason': text,
        'zone': text,
        'state': text,
        'value': 'numeric(18, 4)',
        'threshold': 'numeric(18, 4)',
        'expected': 'numeric(18, 4)',
        'limit_lower': 'numeric(18, 4)',
        'limit_upper': 'numeric(18, 4)',
        'peer_group': text,
        'peer_n': 'integer',
        'n': 'integer',
        'deviation': 'numeric(18, 4)',
        'p_value': 'numeric(18, 8)',
        'q_value': 'numeric(18, 8)',
        'risk_gross': 'numeric(18, 2)',
        'risk_fund': 'numeric(18, 2)',
        'guard_applied': text,
        'evidence': text,
    } -%}
    {%- set absent = absent if limits else absent + ['limit_lower', 'limit_upper'] -%}
    {%- set when = {
        'zone': "outcome = 'fired'",
        'state': "outcome = 'fired'",
        'risk_gross': "outcome in ('fired', 'guarded')",
        'risk_fund': "outcome in ('fired', 'guarded')",
        'evidence': "outcome in ('fired', 'guarded')",
        'guard_applied': "outcome = 'guarded'",
        'reason': "outcome in ('guarded', 'not_computable')",
    } -%}
    select
        cast('{{ indicator_id }}' as {{ text }}) as indicator_id,
        cast('{{ rule_version }}' as {{ text }}) as rule_version,
        cast(org_code as {{ text }}) as org_code,
        cast({{ subject_type }} as {{ text }}) as subject_type,
        cast(subject_id as {{ text }}) as subject_id
        {%- for column, type in columns.items() -%}
        {%- set source = 'null' if column in absent else {'value': value, 'deviation': deviation, 'guard_applied': 'reason'}.get(column, column) -%}
        ,
        cast({% if column in when %}case when {{ when[column] }} then {{ source }} end{% else %}{{ source }}{% endif %} as {{ type }}) as {{ column }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
