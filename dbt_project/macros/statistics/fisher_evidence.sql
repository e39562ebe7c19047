{#-
    Fisher's combination of k independent p-values, as -log10 of the combined p. `total` is the sum of
    -ln p (double), `k` their number, at most `most`. Twice the total is chi-squared with 2k degrees of
    freedom, whose upper tail has the closed form exp(-x) * sum of x^j / j! for j < k (Fisher 1932).
    0 where k is 0: nothing was tested.
-#}
{% macro fisher_evidence(total, k, most) -%}
    {%- set ns = namespace(factorial=1) -%}
    case
        when {{ k }} > 0 then (
            {{ total }} - ln(
                1.0
                {%- for j in range(1, most) %}
                {%- set ns.factorial = ns.factorial * j %}
                + case when {{ k }} > {{ j }} then power({{ total }}, {{ j }}) / {{ ns.factorial }}.0 else 0.0 end
                {%- endfor %}
            )
        ) / ln(10.0)
        else 0.0
    end
{%- endmacro %}
