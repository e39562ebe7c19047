{#-
    Whether x lies too far above its group: modified z above `z_limit`; where MAD is 0 Tukey's fence
    Q3 + k IQR; never where the interquartile range is 0 too.
-#}
{% macro is_robust_outlier(x, median, mad, q3, iqr, z_limit, k) -%}
    case
        when {{ mad }} > 0 then 0.6745 * ({{ x }} - {{ median }}) / {{ mad }} > {{ z_limit }}
        when {{ iqr }} > 0 then {{ x }} > {{ q3 }} + {{ k }} * {{ iqr }}
        else 1 = 0
    end
{%- endmacro %}
