{#-
    Select: the rows of the indicator models named in `models`, with the agreed columns, each cast in full;
    no row where there is none. ref() in a loop must be known when dbt parses, so `models` comes of the variable
    `indicator_models`.
-#}
{% macro result_rows(models) -%}
    {%- set columns = [
        ('indicator_id', 'varchar(10)'),
        ('rule_version', 'varchar(20)'),
        ('org_code', 'varchar(12)'),
        ('subject_type', 'varchar(30)'),
        ('subject_id', 'varchar(200)'),
        ('dept_code', 'varchar(60)'),
        ('doctor_code', 'varchar(60)'),
        ('period_start', 'date'),
        ('period_end', 'date'),
        ('outcome', 'varchar(20)'),
        ('reason', 'varchar(60)'),
        ('zone', 'varchar(10)'),
        ('state', 'varchar(10)'),
        ('value', 'numeric(18, 4)'),
        ('threshold', 'numeric(18, 4)'),
        ('expected', 'numeric(18, 4)'),
        ('limit_lower', 'numeric(18, 4)'),
        ('limit_upper', 'numeric(18, 4)'),
        ('peer_group', 'varchar(200)'),
        ('peer_n', 'integer'),
        ('n', 'integer'),
        ('deviation', 'numeric(18, 4)'),
        ('p_value', 'numeric(18, 8)'),
        ('q_value', 'numeric(18, 8)'),
        ('risk_gross', 'numeric(18, 2)'),
        ('risk_fund', 'numeric(18, 2)'),
        ('guard_applied', 'varchar(200)'),
    ] -%}
    {%- for model in models %}
    select
        {%- for name, type in columns %}
        cast({{ name }} as {{ type }}) as {{ name }},
        {%- endfor %}
        evidence
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {%- for name, type in columns %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        {{ as_text('null') }} as evidence
    where 1 = 0
    {%- endfor %}
{%- endmacro %}
