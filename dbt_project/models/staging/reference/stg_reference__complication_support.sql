-- Grain: one kind of record that supports a complication, by version of its rule set.
-- Source: land.ref_complication_support.
with latest as (
    {{
        latest_version(
            'ref_complication_support', ['rule_set', 'version', 'icd_prefix', 'evidence_kind', 'evidence_code'],
        )
    }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        icd_prefix,
        grade,
        evidence_kind,
        evidence_code,
        _batch_id as batch_id
    from latest
)

select * from typed
