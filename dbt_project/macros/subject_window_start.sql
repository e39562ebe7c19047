{#- First month of the window of the score of subjects, which ends with the month of the detection. -#}
{% macro subject_window_start() -%}
    {{ add_months(month_of(detect_date()), '1 - cast(' ~ subject_parameter('window_months') ~ ' as integer)') }}
{%- endmacro %}
