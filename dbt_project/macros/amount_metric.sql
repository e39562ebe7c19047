{#-
    Name of the measure in which the amount of an outpatient prescription is compared: log_avg_amount is
    the ordinary one; long-term prescriptions are compared by amount a day (log_day_amount_), herbs and each
    group of specialty drugs among themselves (log_amount_). Null for kinds that are not compared:
    emergency, paediatric, controlled drugs and discharge. `relation` has rx_kind, long_term_flag and cost_group of core.fct_prescription.
-#}
{% macro amount_metric(relation) -%}
    case
        when {{ relation }}.rx_kind not in ('outpatient', 'herb', 'long_term') then null
        when {{ is_long_term(relation) }} then 'log_day_amount_' || {{ relation }}.cost_group
        when {{ relation }}.cost_group = 'general' then 'log_avg_amount'
        else 'log_amount_' || {{ relation }}.cost_group
    end
{%- endmacro %}
