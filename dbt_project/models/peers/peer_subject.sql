-- Grain: one doctor, department or hospital and rung of the ladder, with the group that it belongs to there.
-- Rule: rung 1 is the standard department (of hospitals: level and type), 2 the discipline group (the level),
-- 3 all of the same kind. A rung without a name is left out.
-- Source: core.dim_doctor, core.dim_department, core.dim_organisation.
with subjects as (
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
