{#-
    Condition: the batch is not in the core facts yet. `batch_built` is written at the end of a build
    and read here at the start of the next: a circle in the graph, so it is named and not referenced.
    A full refresh builds every batch.
-#}
{% macro batches_to_build(batch_id) -%}
    {%- set built = batch_built() -%}
    {%- if built -%}
    {{ batch_id }} not in (select built.batch_id from {{ built }} as built)
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#-
    The relation core.batch_built, or nothing on a first or full build. What was known on a past
    day is always built in full, aside from the present.
-#}
{% macro batch_built() -%}
    {%- if execute and not flags.FULL_REFRESH and not var('known_on') -%}
        {{ return(adapter.get_relation(database=target.database, schema='core', identifier='batch_built')) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
