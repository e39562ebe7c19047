{#-
    The outcome behind a verdict: 'fired' and 'clear' stand for themselves, the reasons listed in
    `not_computable` name a missing input, and every other verdict names a guard.
-#}
{% macro outcome_of(verdict, not_computable) -%}
    case
        when {{ verdict }} in ('fired', 'clear') then {{ verdict }}
        when {{ verdict }} in ('{{ not_computable | join("', '") }}') then 'not_computable'
        else 'guarded'
    end
{%- endmacro %}
