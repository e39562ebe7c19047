-- Grain: one record of a supplier and the company that it was found to be of. Source: ops.supplier_member.
-- Rule: the latest resolution of what is known; none where suppliers were never resolved.
with latest as (
    select max(resolution_id) as resolution_id
    from {{ source('ops', 'supplier_resolution') }}
    where {{ is_known('batch_id') }}
),

members as (
    select
        member.record_id,
        member.org_code,
        member.supplier_code,
        member.role,
        member.name as supplier_name,
        member.supplier_id,
        member.resolution_id
    from {{ source('ops', 'supplier_member') }} as member
    inner join latest on member.resolution_id = latest.resolution_id
)

select * from members
