-- Grain: one lead that any detection found, as the ledger tells of it. Source: ops.lead_register.
with registered as (
    select
        lead_id,
        indicator_id,
        rule_version,
        org_code,
        subject_type,
        subject_id,
        dept_code,
        doctor_code,
        period_start,
        period_end,
        value,
        threshold,
        expected,
        limit_lower,
        limit_upper,
        peer_group,
        peer_n,
        n,
        deviation,
        q_value,
        risk_gross,
        risk_fund,
        kind,
        state,
        light,
        guard_applied,
        evidence,
        is_active,
        first_seen_at,
        last_seen_at
    from {{ source('ops', 'lead_register') }}
)

select * from registered
