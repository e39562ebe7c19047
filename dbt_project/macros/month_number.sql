{#- Number of a date's month, counted on through the years: of consecutive months each has one more. -#}
{% macro month_number(day) -%}
    cast(
        12 * extract(year from {{ day }}) + extract(month from {{ day }}) as integer
    )
{%- endmacro %}
