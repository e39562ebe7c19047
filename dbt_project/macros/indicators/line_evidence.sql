{#-
    Select: the HIS lines behind what fired or was guarded, as `with_evidence` reads them.

    `rows` has one row a line: org_code, subject_id, period_start, outcome and `key`: the number of a
    fee line (fee_id) or of a prescription line (rx_item_id). `value` and `risk_gross` are expressions
    of it; the fund's part is risk_gross times the insured share of the line, nothing where the
    insurance does not know the line. `where` restricts the rows; `typed` as in `with_evidence`.
-#}
{% macro line_evidence(rows, key, value, risk_gross=none, where="line.outcome in ('fired', 'guarded')", typed=false) -%}
    {%- set risk = risk_gross or value -%}
    select
        line.org_code,
        {%- if typed %}
        line.subject_type,
        {%- endif %}
        line.subject_id,
        line.period_start,
        line.outcome,
        '{{ {'fee_id': 'his_fee', 'rx_item_id': 'his_rx_item'}[key] }}' as source_table,
        line.{{ key }} as row_key,
        {{ value }} as value,
        {{ risk }} as risk_gross,
        {{ risk }} * coalesce(share.insured_share, 0) as risk_fund
    from {{ rows }} as line
    left join {{ ref('int_insured_share') }} as share
        on
            line.org_code = share.org_code
            and line.{{ key }} = share.{{ key }}
    where {{ where }}
{%- endmacro %}
