{#-
    A total of observations in the unit that people read, by the columns `form` and `n` of `joined`: the
    total itself for counts, the mean, or the geometric mean back from ln(1 + x).
-#}
{% macro observation_unit(total) -%}
    case
        when joined.form = 'count' then {{ total }}
        when joined.form = 'mean' then {{ total }} / nullif(joined.n, 0)
        when joined.form = 'log_mean' then exp({{ total }} / nullif(joined.n, 0)) - 1.0
    end
{%- endmacro %}
