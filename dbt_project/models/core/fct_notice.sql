-- Grain: one document of the inspection office.
-- Source: staging.stg_supervision__notice.
with notices as (
    select * from {{ ref('stg_supervision__notice') }}
)

select * from notices
