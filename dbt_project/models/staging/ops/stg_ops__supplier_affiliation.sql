-- Grain: two companies and what they share. Source: ops.supplier_affiliation.
-- Rule: the latest resolution of what is known.
with latest as (
    select max(resolution_id) as resolution_id
    from {{ source('ops', 'supplier_resolution') }}
    where {{ is_known('batch_id') }}
),

affiliations as (
    select
        affiliation.supplier_a,
        affiliation.supplier_b,
        affiliation.relation,
        affiliation.shared_by
    from {{ source('ops', 'supplier_affiliation') }} as affiliation
    inner join latest on affiliation.resolution_id = latest.resolution_id
)

select * from affiliations
