{#-
    How far a value lies from what the case mix lets expect (columns measure, expected): ln(1 + value /
    expected) of shares and amounts, the difference of rates of stays, which may well be expected to be 0.
-#}
{% macro deviation_from_expected(value) -%}
    case
        when measure like '%rate' then {{ value }} - expected
        when expected > 0 then ln(1.0 + {{ as_double(value) }} / {{ as_double('expected') }})
    end
{%- endmacro %}

{#- The value whose deviation from the expected one is x: the inverse of deviation_from_expected. -#}
{% macro value_at_deviation(x) -%}
    case
        when measure like '%rate' then expected + {{ x }}
        else expected * (exp({{ x }}) - 1.0)
    end
{%- endmacro %}
