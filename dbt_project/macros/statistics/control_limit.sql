{#-
    Control limit of the peers, `side` lower or upper, on the scale on which they are compared: the value whose
    modified z is `z`, or that lies as far below the median. Where MAD is 0 Tukey's fence, as in
    is_robust_outlier, if `q3` and `k` are given, else the interquartile range, as in robust_z; null where the
    group does not vary.
-#}
{% macro peer_limit(side, median, mad, iqr, z, q3=none, k=none) -%}
    {%- set sign = {'lower': '-', 'upper': '+'}[side] -%}
    case
        when {{ mad }} > 0 then {{ as_double(median) }} {{ sign }} {{ z }} * {{ mad }} / 0.6745
        {%- if q3 is none %}
        when {{ iqr }} > 0 then {{ as_double(median) }} {{ sign }} {{ z }} * {{ iqr }} / 1.349
        {%- elif side == 'upper' %}
        when {{ iqr }} > 0 then {{ as_double(q3) }} + {{ k }} * {{ iqr }}
        {%- else %}
        when {{ iqr }} > 0 then {{ as_double(q3) }} - (1.0 + {{ k }}) * {{ iqr }}
        {%- endif %}
    end
{%- endmacro %}

{#-
    Control limit of a funnel for a share of n cases around `centre`, `side` lower or upper: the share beyond
    which is_above_funnel holds. With the variance of the centre it is centre +/- z sqrt(p (1 - p) / n), with that
    of the share itself the bound of Wilson's score interval; the farther one counts. Null where n is null or 0.
-#}
{% macro funnel_limit(side, centre, n, z) -%}
    {%- set sign = {'lower': '-', 'upper': '+'}[side] -%}
    {%- set c = as_double(centre) -%}
    {%- set k = '(' ~ as_double(z) ~ ' * ' ~ z ~ ' / nullif(' ~ n ~ ', 0))' -%}
    {{ {'lower': 'least', 'upper': 'greatest'}[side] }}(
        {{ c }} {{ sign }} sqrt({{ k }} * greatest({{ c }} * (1.0 - {{ c }}), 0.0)),
        (2.0 * {{ c }} + {{ k }} {{ sign }} sqrt(greatest({{ k }} * ({{ k }} + 4.0 * {{ c }} * (1.0 - {{ c }})), 0.0)))
        / (2.0 * (1.0 + {{ k }}))
    )
{%- endmacro %}

{#-
    Limit of a share that must lie beyond both the peers' limit and the funnel's: the farther of the two, within 0
    and 1. Null where the peers have none; the peers' alone where `funnel` is null, for want of a count behind the share.
-#}
{% macro limit_of_share(side, peers, funnel='null') -%}
    case
        when {{ peers }} is not null
            then least(greatest({{ {'lower': 'least', 'upper': 'greatest'}[side] }}({{ peers }}, {{ funnel }}), 0.0), 1.0)
    end
{%- endmacro %}
