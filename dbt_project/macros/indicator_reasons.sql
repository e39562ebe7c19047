{#-
    Select: why an indicator may not be computable (indicator_id, reason, reason_zh), as its metadata
    says under missing_inputs.
-#}
{% macro indicator_reasons() -%}
    {%- set reasons = [] -%}
    {%- for meta in indicator_metadata() -%}
        {%- for input in meta.get('missing_inputs') or [] -%}
            {%- do reasons.append((meta.indicator_id, input.code, input.zh)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for indicator_id, code, words in reasons %}
    select
        '{{ indicator_id }}' as indicator_id,
        '{{ code }}' as reason,
        {{ sql_text(words) }} as reason_zh
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        '' as indicator_id,
        '' as reason,
        '' as reason_zh
    where 1 = 0
    {%- endfor %}
{%- endmacro %}
