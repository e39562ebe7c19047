-- Grain: one matter to be rectified, with the day on which its notice was issued.
-- Source: staging.stg_supervision__rectification, fct_notice.
with matters as (
    select * from {{ ref('stg_supervision__rectification') }}
),

described as (
    select
        matters.org_code,
        matters.rect_id,
        matters.notice_id,
        notices.notice_id is not null as has_notice,
        notices.issued_on,
        matters.indicator_id,
        matters.entity_type,
        matters.entity_code,
        matters.status,
        matters.closed_on,
        {{ month_of('matters.closed_on') }} as closed_month,
        matters.refunded_amount,
        matters.batch_id
    from matters
    left join {{ ref('fct_notice') }} as notices
        on
            matters.org_code = notices.org_code
            and matters.notice_id = notices.notice_id
)

select * from described
