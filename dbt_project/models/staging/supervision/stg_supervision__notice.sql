-- Grain: one document of the inspection office: notice, advice or reminder. Source: land.sv_notice.
with latest as (
    {{ latest_version('sv_notice', ['notice_id']) }}
),

typed as (
    select
        org_code,
        notice_id,
        notice_kind,
        recipient_dept_code,
        issued_on,
        _batch_id as batch_id
    from latest
)

select * from typed
