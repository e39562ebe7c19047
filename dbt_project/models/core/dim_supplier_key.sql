-- Grain: one supplier as an organisation knows it, and one key of a person or telephone behind it.
-- Rule: legal representatives stand in the supplier's own record or among its people; a key that ended before the
-- day of the run no longer counts. share_pct is that of shareholders.
-- Source: stg_procurement__supplier, stg_procurement__supplier_person, dim_supplier.
with suppliers as (
    select * from {{ ref('stg_procurement__supplier') }}
),

people as (
    select * from {{ ref('stg_procurement__supplier_person') }}
    where coalesce(valid_to, date '9999-12-31') >= {{ detect_date() }}
),

stated as (
    select
        org_code,
        supplier_code,
        'legal_rep' as key_kind,
        legal_rep_key as key_value,
        cast(null as numeric(7, 4)) as share_pct
    from suppliers
    where legal_rep_key is not null
    union
    select
        org_code,
        supplier_code,
        'phone' as key_kind,
        phone_key as key_value,
        cast(null as numeric(7, 4)) as share_pct
    from suppliers
    where phone_key is not null
    union
    select
        org_code,
        supplier_code,
        role as key_kind,
        person_key as key_value,
        share_pct
    from people
),

identified as (
    select
        stated.org_code,
        stated.supplier_code,
        companies.supplier_id,
        stated.key_kind,
        stated.key_value,
        max(stated.share_pct) as share_pct
    from stated
    inner join {{ ref('dim_supplier') }} as companies
        on
            stated.org_code = companies.org_code
            and stated.supplier_code = companies.supplier_code
    group by stated.org_code, stated.supplier_code, companies.supplier_id, stated.key_kind, stated.key_value
)

select * from identified
