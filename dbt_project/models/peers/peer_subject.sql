-- Grain: one doctor, department, hospital, supplier (org_code *) or supplier at a hospital and rung of the ladder, with
-- the group that it belongs to there.
-- Rule: rung 1 is the standard department (of hospitals: level and type; of suppliers what they are, makers or others),
-- 2 the discipline group (the level), 3 all of the same kind. A rung without a name is left out.
-- Source: core.dim_doctor, core.dim_department, core.dim_organisation, core.supplier_row, core.dim_supplier_group.
with supplier_subjects as (
    select distinct
        org_code,
        supplier_group_id
    from {{ ref('supplier_row') }}
),

subjects as (
    select
        'doctor' as entity_type,
        org_code,
        doctor_code as entity_id,
        std_dept_code as narrow_group,
        discipline_group as wide_group
    from {{ ref('dim_doctor') }}
    union all
    select
        'department' as entity_type,
        org_code,
        dept_code as entity_id,
        std_dept_code as narrow_group,
        discipline_group as wide_group
    from {{ ref('dim_department') }}
    union all
    select
        'hospital' as entity_type,
        org_code,
        org_code as entity_id,
        level_group || '|' || org_type as narrow_group,
        level_group as wide_group
    from {{ ref('dim_organisation') }}
    union all
    select distinct
        'supplier' as entity_type,
        '*' as org_code,
        supplier_subjects.supplier_group_id as entity_id,
        groups.role as narrow_group,
        cast(null as varchar(20)) as wide_group
    from supplier_subjects
    left join {{ ref('dim_supplier_group') }} as groups on supplier_subjects.supplier_group_id = groups.supplier_group_id
    union all
    select
        'supplier_hospital' as entity_type,
        supplier_subjects.org_code,
        supplier_subjects.supplier_group_id as entity_id,
        groups.role as narrow_group,
        cast(null as varchar(20)) as wide_group
    from supplier_subjects
    left join {{ ref('dim_supplier_group') }} as groups on supplier_subjects.supplier_group_id = groups.supplier_group_id
),

rungs as (
    select rung from (values (1), (2), (3)) as rungs (rung)
),

named as (
    select
        subjects.entity_type,
        subjects.org_code,
        subjects.entity_id,
        rungs.rung,
        case rungs.rung
            when 1 then subjects.narrow_group
            when 2 then subjects.wide_group
            else 'all'
        end as peer_group
    from subjects
    cross join rungs
),

labelled as (
    select * from named
    where peer_group is not null
)

select * from labelled
