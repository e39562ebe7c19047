-- Grain: one hand-out of a systemic antibacterial to a ward, as a part of its hospital's and of its department's
-- month. Discharge drugs and topical forms (ATC other than J01 and P01AB) are left out.
-- Source: core.fct_ward_dispense.
with dispenses as (
    select * from {{ ref('fct_ward_dispense') }}
    where
        antibac_class is not null and not is_discharge_drug
        and (atc_code is null or atc_code like 'J01%' or atc_code like 'P01AB%')
),

parts as (
    select
        dispenses.org_code,
        levels.subject_type,
        case levels.subject_type when 'hospital' then dispenses.org_code else dispenses.dept_code end as subject_id,
        dispenses.dispense_month,
        dispenses.dispense_id,
        dispenses.fee_id,
        dispenses.ddds,
        dispenses.amount
    from dispenses
    cross join (values ('hospital'), ('department')) as levels (subject_type)
    where levels.subject_type = 'hospital' or dispenses.dept_code is not null
)

select * from parts
