-- Grain: one member of staff, supplier, role in which the person or a declared relative stands with the supplier, and period
-- of it without a gap (period_no).
-- Rule: the same person by the key of the identity number (staff or declared relative against the supplier's persons), or the
-- credit code of a company that was declared. declared_on is the first day on which the register held it: a relative's or a
-- company's declaration, of the person's own role one of shares or a post at the supplier; empty where it holds none.
-- Periods of one person's role that overlap or touch are one. valid_to is when the role ended, empty while it lasts; a
-- declared company has no days.
-- Source: staging.stg_his__staff, stg_supervision__declaration, stg_procurement__supplier_person, stg_procurement__supplier.
with declarations as (
    select * from {{ ref('stg_supervision__declaration') }}
    where kind <> 'commitment'
),

suppliers as (
    select * from {{ ref('stg_procurement__supplier') }}
),

persons as (
    select
        org_code,
        staff_code,
        staff_key as person_key,
        'self' as relation,
        cast(null as date) as declared_on
    from {{ ref('stg_his__staff') }}
    where staff_key is not null
    union all
    select
        org_code,
        staff_code,
        relative_person_key as person_key,
        'relative' as relation,
        min(declared_on) as declared_on
    from declarations
    where relative_person_key is not null
    group by org_code, staff_code, relative_person_key
),

companies as (
    select
        declarations.org_code,
        declarations.staff_code,
        suppliers.supplier_code,
        declarations.kind,
        min(declarations.declared_on) as declared_on
    from declarations
    inner join suppliers
        on
            suppliers.org_code = declarations.org_code
            and suppliers.uscc = declarations.company_uscc
    group by declarations.org_code, declarations.staff_code, suppliers.supplier_code, declarations.kind
),

own_companies as (
    select
        org_code,
        staff_code,
        supplier_code,
        min(declared_on) as declared_on
    from companies
    where kind <> 'relative_business'
    group by org_code, staff_code, supplier_code
),

by_person as (
    select
        persons.org_code,
        persons.staff_code,
        supplier_persons.supplier_code,
        persons.relation,
        persons.person_key,
        supplier_persons.role,
        supplier_persons.valid_from,
        supplier_persons.valid_to,
        coalesce(persons.declared_on, own_companies.declared_on) as declared_on
    from persons
    inner join {{ ref('stg_procurement__supplier_person') }} as supplier_persons
        on
            supplier_persons.org_code = persons.org_code
            and supplier_persons.person_key = persons.person_key
    left join own_companies
        on
            persons.relation = 'self'
            and own_companies.org_code = persons.org_code
            and own_companies.staff_code = persons.staff_code
            and own_companies.supplier_code = supplier_persons.supplier_code
),

by_company as (
    select
        org_code,
        staff_code,
        supplier_code,
        'company' as relation,
        '' as person_key,
        kind as role,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        declared_on
    from companies
),

links as (
    select * from by_person
    union all
    select * from by_company
),

-- A period without a first or last day reaches as far as any.
limited as (
    select
        links.*,
        coalesce(valid_from, date '1900-01-01') as begins_on,
        coalesce(valid_to, date '9999-12-30') as ends_on
    from links
),

preceded as (
    select
        limited.*,
        max(ends_on) over (
            partition by org_code, staff_code, supplier_code, relation, person_key, role order by begins_on, ends_on
            rows between unbounded preceding and 1 preceding
        ) as last_end
    from limited
),

stretches as (
    select
        preceded.*,
        sum(case when begins_on <= {{ add_days('last_end', 1) }} then 0 else 1 end) over (
            partition by org_code, staff_code, supplier_code, relation, person_key, role order by begins_on, ends_on
            rows between unbounded preceding and current row
        ) as stretch_no
    from preceded
),

interests as (
    select
        org_code,
        staff_code,
        supplier_code,
        relation,
        role,
        cast(
            row_number() over (
                partition by org_code, staff_code, supplier_code, relation, role order by min(begins_on), person_key
            ) as integer
        ) as period_no,
        case when count(valid_from) = count(*) then min(valid_from) end as valid_from,
        case when count(valid_to) = count(*) then max(valid_to) end as valid_to,
        min(declared_on) as declared_on
    from stretches
    group by org_code, staff_code, supplier_code, relation, role, person_key, stretch_no
)

select * from interests
