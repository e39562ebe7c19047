{#- One parameter of the score of subjects (seed subject_parameter), as a scalar subquery. -#}
{% macro subject_parameter(name) -%}
    (select value from {{ ref('subject_parameter') }} where param = '{{ name }}')
{%- endmacro %}
