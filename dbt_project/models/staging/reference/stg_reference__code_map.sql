-- Grain: one code of the insurance edition for a code of the clinical one, by version of its rule set. Source: land.ref_code_map.
with latest as (
    {{
        latest_version('ref_code_map', ['rule_set', 'version', 'code_kind', 'clinical_code', 'insurance_code'])
    }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        code_kind,
        trim(clinical_code) as clinical_code,
        trim(insurance_code) as insurance_code,
        _batch_id as batch_id
    from latest
)

select * from typed
