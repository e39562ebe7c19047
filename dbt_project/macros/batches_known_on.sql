{#- Batches that had been loaded by the end of `day` (ISO date). -#}
{% macro batches_known_on(day) -%}
    select batch_id
    from {{ source('ops', 'batch') }}
    where state = 'loaded' and cast(loaded_at as date) <= cast('{{ day }}' as date)
{%- endmacro %}
