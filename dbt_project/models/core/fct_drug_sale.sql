{{ config(materialized='view') }}

-- Grain: one sale or return of a drug that an organisation reported to the insurance, in smallest units.
with sales as (
    select * from {{ ref('stg_insurance__sel') }}
)

select * from sales
