{#- Minutes from one moment to another, fractions included; negative where the second is earlier. -#}
{% macro minutes_between(earlier, later) -%}
    {{ return(adapter.dispatch('minutes_between', 'qinglian')(earlier, later)) }}
{%- endmacro %}

{% macro default__minutes_between(earlier, later) -%}
    /* dialect:begin */ (extract(epoch from ({{ later }}) - ({{ earlier }})) / 60.0) /* dialect:end */
{%- endmacro %}

{% macro spark__minutes_between(earlier, later) -%}
    /* dialect:begin */ ((unix_timestamp({{ later }}) - unix_timestamp({{ earlier }})) / 60.0) /* dialect:end */
{%- endmacro %}
