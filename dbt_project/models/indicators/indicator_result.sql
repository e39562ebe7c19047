{#- ref() in a loop must be known when dbt parses, so the folder's models come in as a variable. -#}
{{ config(materialized='view') }}

-- Grain: one indicator, organisation, subject and period that was evaluated; all indicators together.
with results as (
    {{ result_rows(var('indicator_models')) }}
)

select * from results
