{#-
    From-clause: `relation as alias`, each row repeated once a row of its evidence (JSON array as
    written by evidence_json), with the columns evidence.evidence_no (from 1), evidence.source_table,
    evidence.row_key, evidence.indicator_value, evidence.risk_gross, evidence.risk_fund.
-#}
{% macro evidence_rows(relation, alias) -%}
    {{ return(adapter.dispatch('evidence_rows', 'qinglian')(relation, alias)) }}
{%- endmacro %}

{% macro default__evidence_rows(relation, alias) -%}
    {{ relation }} as {{ alias }}
    /* dialect:begin */
    cross join lateral (
        select
            cast(element.ordinality as integer) as evidence_no,
            element.item ->> 'table' as source_table,
            element.item ->> 'key' as row_key,
            cast(element.item ->> 'value' as numeric(18, 8)) as indicator_value,
            cast(element.item ->> 'risk_gross' as numeric(18, 2)) as risk_gross,
            cast(element.item ->> 'risk_fund' as numeric(18, 2)) as risk_fund
        from jsonb_array_elements(cast({{ alias }}.evidence as jsonb)) with ordinality as element (item, ordinality)
    ) as evidence
    /* dialect:end */
{%- endmacro %}

{% macro spark__evidence_rows(relation, alias) -%}
    {{ relation }} as {{ alias }}
    /* dialect:begin */
    cross join lateral (
        select
            position + 1 as evidence_no,
            item.table as source_table,
            item.key as row_key,
            item.value as indicator_value,
            item.risk_gross as risk_gross,
            item.risk_fund as risk_fund
        from (
            select
                posexplode(
                    from_json(
                        {{ alias }}.evidence,
                        'array<struct<table: string, key: string, value: decimal(18, 8), risk_gross: decimal(18, 2), risk_fund: decimal(18, 2)>>'
                    )
                ) as (position, item)
        )
    ) as evidence
    /* dialect:end */
{%- endmacro %}
