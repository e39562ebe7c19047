{#-
    Batches that had been received by the end of `day` (ISO date): the knowledge date, not the
    business date (`detect_date`). What was released from quarantine is known from its release on.
-#}
{% macro batches_known_on(day) -%}
    select batch_id
    from {{ source('ops', 'batch') }}
    where state = 'loaded' and cast(extracted_at as date) <= cast('{{ day }}' as date)
{%- endmacro %}

{#- Condition: the batch was known on the day of `known_on`; always true where that is not set. -#}
{% macro is_known(batch_id) -%}
    {%- if var('known_on') -%}
    {{ batch_id }} in ({{ batches_known_on(var('known_on')) }})
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
