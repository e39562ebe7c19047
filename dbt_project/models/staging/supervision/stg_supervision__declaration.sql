-- Grain: one commitment or declaration of a member of staff. Source: land.sv_declaration.
with latest as (
    {{ latest_version('sv_declaration', ['declaration_id']) }}
),

typed as (
    select
        org_code,
        declaration_id,
        staff_code,
        declared_on,
        kind,
        nullif(trim(relative_person_key), '') as relative_person_key,
        nullif(trim(company_uscc), '') as company_uscc,
        _batch_id as batch_id
    from latest
)

select * from typed
