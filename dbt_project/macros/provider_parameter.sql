{#- One parameter of the provider score (seed provider_parameter), as a scalar subquery. -#}
{% macro provider_parameter(name) -%}
    (select value from {{ ref('provider_parameter') }} where param = '{{ name }}')
{%- endmacro %}
