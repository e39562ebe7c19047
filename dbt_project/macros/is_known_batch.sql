{#- Condition on a batch id: the batch was loaded by the day of `as_of`, where one is asked for. -#}
{% macro is_known_batch(batch_id) -%}
    {%- if var('as_of') -%}
    {{ batch_id }} in ({{ batches_known_on(var('as_of')) }})
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
