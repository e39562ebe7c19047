{#- Stable id of a lead: the same finding keeps its id, its first day and its handling over runs. -#}
{% macro lead_id(alias) -%}
    md5(
        {{ alias }}.indicator_id || '|' || {{ alias }}.org_code || '|' || {{ alias }}.subject_type
        || '|' || {{ alias }}.subject_id || '|' || {{ as_text(alias ~ '.period_start') }}
    )
{%- endmacro %}
