-- Grain: one visit of a representative; persons met and products shown as lists divided by bars. Source: land.sv_visit.
with latest as (
    {{ latest_version('sv_visit', ['visit_id']) }}
),

typed as (
    select
        org_code,
        visit_id,
        nullif(trim(rep_id), '') as rep_id,
        nullif(trim(supplier_code), '') as supplier_code,
        visit_start,
        is_appointed,
        purpose,
        nullif(trim(dept_code), '') as dept_code,
        nullif(trim(met_staff_codes), '') as met_staff_codes,
        nullif(trim(product_codes), '') as product_codes,
        _batch_id as batch_id
    from latest
)

select * from typed
