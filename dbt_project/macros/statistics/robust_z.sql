{#-
    Modified z-score of Iglewicz and Hoaglin, 0.6745 (x - median) / MAD; where more than half of the
    group is equal (MAD 0) the interquartile range takes its place, scaled to a normal distribution
    (IQR = 1.349 sigma); null where the group does not vary at all.
-#}
{% macro robust_z(x, median, mad, iqr) -%}
    case
        when {{ mad }} > 0 then 0.6745 * ({{ x }} - {{ median }}) / {{ mad }}
        when {{ iqr }} > 0 then 1.349 * ({{ x }} - {{ median }}) / {{ iqr }}
    end
{%- endmacro %}
