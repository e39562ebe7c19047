{#-
    Days by which `day` lies before or after a stay: 0 within it, null where the stay is not known.
    An open stay has no end to lie after.
-#}
{% macro days_outside(day, begin_date, end_date) -%}
    case
        when {{ begin_date }} is not null
            then
                greatest(
                    {{ days_between(day, begin_date) }},
                    {{ days_between('coalesce(' ~ end_date ~ ', ' ~ day ~ ')', day) }},
                    0
                )
    end
{%- endmacro %}
