{#-
    One-sided p-value of a standard normal z (upper tail), Abramowitz and Stegun 26.2.17, absolute
    error below 7.5e-8; neither engine has erf in common. Beyond 8 the value rounds to 0.
-#}
{% macro upper_tail_p(z) -%}
    case
        when {{ z }} is null then null
        when {{ z }} >= 0 then {{ normal_tail('least(' ~ z ~ ', 8.0)') }}
        else 1 - {{ normal_tail('least(-1.0 * (' ~ z ~ '), 8.0)') }}
    end
{%- endmacro %}

{% macro normal_tail(z) -%}
    {%- set t = '(1.0 / (1.0 + 0.2316419 * ' ~ z ~ '))' -%}
    (
        0.3989422804 * exp(-0.5 * {{ z }} * {{ z }})
        * {{ t }} * (
            0.319381530 + {{ t }} * (
                -0.356563782 + {{ t }} * (
                    1.781477937 + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429)
                )
            )
        )
    )
{%- endmacro %}
