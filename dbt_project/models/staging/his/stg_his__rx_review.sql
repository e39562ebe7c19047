-- Grain: one review of a prescription or of the medication of a stay. Source: land.his_rx_review.
with latest as (
    {{ latest_version('his_rx_review', ['review_id']) }}
),

typed as (
    select
        org_code,
        review_id,
        nullif(trim(rx_id), '') as rx_id,
        nullif(trim(adm_id), '') as adm_id,
        review_date,
        review_kind,
        result,
        problem_codes,
        nullif(trim(reviewer_code), '') as reviewer_code,
        nullif(trim(doctor_reply), '') as doctor_reply,
        _batch_id as batch_id
    from latest
)

select * from typed
