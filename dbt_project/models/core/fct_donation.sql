-- Grain: one donation to a hospital.
-- Rule: donor_id is the company behind the donor's record as supplier; none where the donor is no supplier.
-- Source: staging.stg_supervision__donation, dim_supplier.
with donations as (
    select * from {{ ref('stg_supervision__donation') }}
),

described as (
    select
        donations.org_code,
        donations.donation_id,
        donations.donor_supplier_code,
        suppliers.supplier_name as donor_name,
        case
            when donations.donor_supplier_code is not null
                then coalesce(suppliers.supplier_id, donations.org_code || ':' || donations.donor_supplier_code)
        end as donor_id,
        donations.donated_on,
        donations.amount,
        donations.kind,
        donations.beneficiary_dept_code,
        donations.batch_id
    from donations
    left join {{ ref('dim_supplier') }} as suppliers
        on
            donations.org_code = suppliers.org_code
            and donations.donor_supplier_code = suppliers.supplier_code
)

select * from described
