{#-
    Probability of a real deviation given a p-value (double) and the probability before it was seen:
    the odds grow by at most -1 / (e p ln p), and by nothing where p is above 1/e (Sellke, Bayarri and
    Berger 2001, Calibration of p values for testing precise null hypotheses).
-#}
{% macro probability_from_p(p, prior) -%}
    {{ prior }} / (
        {{ prior }} + (1.0 - {{ prior }}) * case
            when {{ p }} < exp(-1.0) then -1.0 * exp(1.0) * {{ p }} * ln({{ p }})
            else 1.0
        end
    )
{%- endmacro %}
