{#-
    Aggregate: the rows behind a finding as a JSON array of {table, key, value, risk_gross,
    risk_fund}, ordered by key so that the same rows always give the same text. Arguments are SQL
    expressions of the aggregated rows; `value` and `risk_*` may be 'null'.
-#}
{% macro evidence_json(table, key, value='null', risk_gross='null', risk_fund='null') -%}
    {{ return(adapter.dispatch('evidence_json', 'qinglian')(table, key, value, risk_gross, risk_fund)) }}
{%- endmacro %}

{% macro default__evidence_json(table, key, value, risk_gross, risk_fund) -%}
    /* dialect:begin */
    cast(
        json_agg(
            json_build_object(
                'table', {{ table }},
                'key', {{ key }},
                'value', {{ value }},
                'risk_gross', {{ risk_gross }},
                'risk_fund', {{ risk_fund }}
            )
            order by {{ table }}, {{ key }}
        ) as text
    )
    /* dialect:end */
{%- endmacro %}

{% macro spark__evidence_json(table, key, value, risk_gross, risk_fund) -%}
    /* dialect:begin */
    to_json(
        sort_array(
            collect_list(
                named_struct(
                    'table', {{ table }},
                    'key', {{ key }},
                    'value', cast({{ value }} as decimal(18, 4)),
                    'risk_gross', cast({{ risk_gross }} as decimal(18, 2)),
                    'risk_fund', cast({{ risk_fund }} as decimal(18, 2))
                )
            )
        )
    )
    /* dialect:end */
{%- endmacro %}
