{#- Generic test: a column holds only the listed values. -#}
{% test values_in(model, column, values) %}
    select {{ column }}
    from {{ model }}
    where
        {{ column }} is null
        or {{ column }} not in ('{{ values | join("', '") }}')
{% endtest %}
