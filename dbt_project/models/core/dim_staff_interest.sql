-- Grain: one member of staff, supplier and role in which the person or a declared relative stands with the supplier.
-- Rule: the same person by the key of the identity number (staff or declared relative against the supplier's persons), or the
-- credit code of a company that was declared. A link is declared where the register holds it. valid_to is when the role
-- ended, empty while it lasts.
-- Source: staging.stg_his__staff, stg_supervision__declaration, stg_procurement__supplier_person, stg_procurement__supplier.
with declarations as (
    select * from {{ ref('stg_supervision__declaration') }}
    where kind <> 'commitment'
),

persons as (
    select
        org_code,
        staff_code,
        staff_key as person_key,
        'self' as relation
    from {{ ref('stg_his__staff') }}
    where staff_key is not null
    union
    select
        org_code,
        staff_code,
        relative_person_key as person_key,
        'relative' as relation
    from declarations
    where relative_person_key is not null
),

by_person as (
    select
        persons.org_code,
        persons.staff_code,
        supplier_persons.supplier_code,
        persons.relation,
        supplier_persons.role,
        supplier_persons.valid_from,
        supplier_persons.valid_to
    from persons
    inner join {{ ref('stg_procurement__supplier_person') }} as supplier_persons
        on
            supplier_persons.org_code = persons.org_code
            and supplier_persons.person_key = persons.person_key
),

by_company as (
    select distinct
        declarations.org_code,
        declarations.staff_code,
        suppliers.supplier_code,
        'company' as relation,
        declarations.kind as role,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to
    from declarations
    inner join {{ ref('stg_procurement__supplier') }} as suppliers
        on
            suppliers.org_code = declarations.org_code
            and suppliers.uscc = declarations.company_uscc
),

links as (
    select * from by_person
    union all
    select * from by_company
),

-- Several periods of one role count as the longest.
interests as (
    select
        org_code,
        staff_code,
        supplier_code,
        relation,
        role,
        min(valid_from) as valid_from,
        case when count(valid_to) = count(*) then max(valid_to) end as valid_to
    from links
    group by org_code, staff_code, supplier_code, relation, role
)

select * from interests
