{#- Aggregate: the reason that belongs to `worst_outcome`, the first in alphabet where there are several. -#}
{% macro worst_reason(outcome, verdict) -%}
    coalesce(
        min(case when {{ outcome }} = 'not_computable' then {{ verdict }} end),
        min(case when {{ outcome }} = 'guarded' then {{ verdict }} end)
    )
{%- endmacro %}
