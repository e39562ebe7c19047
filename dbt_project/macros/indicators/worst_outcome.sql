{#-
    Aggregate: the outcome of a subject from the outcomes of its rows. What fired counts first; a
    missing input that could hide a finding comes before a guard.
-#}
{% macro worst_outcome(outcome) -%}
    case min(case {{ outcome }} when 'fired' then 1 when 'not_computable' then 2 when 'guarded' then 3 else 4 end)
        when 1 then 'fired'
        when 2 then 'not_computable'
        when 3 then 'guarded'
        else 'clear'
    end
{%- endmacro %}
