{#-
    Select: the fee lines behind what fired or was guarded, as `with_evidence` reads them.

    `rows` has one row a fee line: org_code, fee_id, subject_id, period_start, outcome. `value` and
    `risk_gross` are expressions of it; the fund's part is risk_gross times the insured share of the
    line, nothing where the insurance does not know the line. `where` restricts the rows.
-#}
{% macro fee_line_evidence(rows, value, risk_gross=none, where="line.outcome in ('fired', 'guarded')") -%}
    {%- set risk = risk_gross or value -%}
    select
        line.org_code,
        line.subject_id,
        line.period_start,
        line.outcome,
        'his_fee' as source_table,
        line.fee_id as row_key,
        {{ value }} as value,
        {{ risk }} as risk_gross,
        {{ risk }} * coalesce(share.insured_share, 0) as risk_fund
    from {{ rows }} as line
    left join {{ ref('int_insured_share') }} as share
        on
            line.org_code = share.org_code
            and line.fee_id = share.fee_id
    where {{ where }}
{%- endmacro %}
