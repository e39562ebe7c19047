-- Grain: one interview by the inspection office.
-- Source: staging.stg_supervision__interview.
with interviews as (
    select * from {{ ref('stg_supervision__interview') }}
)

select * from interviews
