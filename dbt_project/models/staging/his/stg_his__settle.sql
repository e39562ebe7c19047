-- Grain: one settlement; a refund names the settlement it takes back. Source: land.his_settle.
with latest as (
    {{ latest_version('his_settle', ['settle_id']) }}
),

typed as (
    select
        org_code,
        settle_id,
        nullif(trim(orig_settle_id), '') as orig_settle_id,
        {{ has_text('orig_settle_id') }} as is_refund,
        encounter_type,
        encounter_id,
        settle_time,
        {{ month_of('settle_time') }} as settle_month,
        settle_kind,
        cast(total_amount as numeric(18, 2)) as total_amount,
        cast(insur_amount as numeric(18, 2)) as insur_amount,
        nullif(trim(operator_code), '') as operator_code,
        nullif(trim(refund_reason), '') as refund_reason,
        nullif(trim(refund_approver), '') as refund_approver,
        nullif(trim(hi_setl_id), '') as hi_setl_id,
        _batch_id as batch_id
    from latest
)

select * from typed
