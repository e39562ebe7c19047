{#-
    Which loaded batches this build has to work in. `batch_built` is written at the end of a build
    and read here at the start of the next: a circle in the graph, so it is named and not referenced.
-#}
{{ config(materialized='table') }}
{%- set built = adapter.get_relation(database=target.database, schema='core', identifier='batch_built') if execute %}

-- Grain: one loaded batch that the core facts do not contain yet. Source: ops.batch.
with loaded as (
    select
        batch_id,
        table_name
    from {{ source('ops', 'batch') }}
    where state = 'loaded'
),

in_build as (
    select loaded.*
    from loaded
    {%- if built and not flags.FULL_REFRESH %}
    where not exists (
        select 1
        from {{ built }} as built
        where built.batch_id = loaded.batch_id
    )
    {%- endif %}
)

select * from in_build
