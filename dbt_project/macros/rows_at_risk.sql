{#- The rows that leads question, each with the key by which it counts once and its amounts. A lead whose evidence carries
    no amounts counts with its total, under its own id. `leads` names a CTE of leads with their totals. -#}
{% macro rows_at_risk(leads) -%}
    select
        lead_id,
        source_table || '|' || row_key as risk_key,
        risk_gross,
        risk_fund
    from {{ ref('lead_evidence') }}
    where risk_gross is not null
    union all
    select
        lead_id,
        lead_id as risk_key,
        risk_gross,
        risk_fund
    from {{ leads }}
    where not exists (
        select 1
        from {{ ref('lead_evidence') }} as evidence
        where
            evidence.lead_id = {{ leads }}.lead_id
            and evidence.risk_gross is not null
    )
{%- endmacro %}
