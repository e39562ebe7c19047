{#-
    Whether the share x of n cases lies above the control limit of a funnel around `centre`: centre +
    z sqrt(p (1 - p) / n), with the larger variance of x and centre: where the centre is 0 its own
    would be 0, and a single case would stand out.
-#}
{% macro is_above_funnel(x, centre, n, z) -%}
    {{ x }} > {{ centre }}
    + {{ z }} * sqrt(greatest({{ x }} * (1 - {{ x }}), {{ centre }} * (1 - {{ centre }})) / nullif({{ n }}, 0))
{%- endmacro %}
