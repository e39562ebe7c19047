{{ config(materialized='view') }}

-- Grain: one complaint about charges that names an encounter and was not rejected.
with complaints as (
    select * from {{ ref('stg_supervision__complaint') }}
    where topic = 'fee' and encounter_id is not null and coalesce(status, 'received') <> 'rejected'
),

described as (
    select
        org_code,
        complaint_id,
        encounter_id,
        received_at,
        verified,
        batch_id
    from complaints
)

select * from described
