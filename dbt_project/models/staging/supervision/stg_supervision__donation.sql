-- Grain: one donation. Source: land.sv_donation. Of a donor that is no supplier there is no code.
with latest as (
    {{ latest_version('sv_donation', ['donation_id']) }}
),

typed as (
    select
        org_code,
        donation_id,
        nullif(trim(donor_supplier_code), '') as donor_supplier_code,
        donated_on,
        cast(amount as numeric(18, 2)) as amount,
        kind,
        beneficiary_dept_code,
        _batch_id as batch_id
    from latest
)

select * from typed
