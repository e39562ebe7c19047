-- Grain: one period of a member of staff in a post.
-- Source: staging.stg_supervision__post_assignment.
with assignments as (
    select * from {{ ref('stg_supervision__post_assignment') }}
)

select * from assignments
