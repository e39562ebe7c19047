-- Grain: one review of a prescription or of the medication of a stay.
-- Rule: it belongs to the month of what was reviewed, of the review where that is not known; abnormal by its result
-- or by one of the codes 3-1 to 3-4. A prescription of which no line is here still has its month, so that a review
-- stays in the sample that it was drawn for. The prescriber's reply is sensitive: only whether there is one is kept.
with reviews as (
    select * from {{ ref('stg_his__rx_review') }}
),

written as (
    select
        org_code,
        rx_id,
        rx_month
    from {{ ref('stg_his__rx') }}
),

prescriptions as (
    select * from {{ ref('fct_prescription') }}
),

stays as (
    select * from {{ ref('fct_ward_stay') }}
),

described as (
    select
        reviews.org_code,
        reviews.review_id,
        reviews.review_kind,
        reviews.review_date,
        {{ month_of('reviews.review_date') }} as review_month,
        case when reviews.rx_id is not null then 'outpatient' else 'ward' end as setting,
        reviews.rx_id,
        reviews.adm_id,
        coalesce(
            written.rx_month, stays.dscg_month, {{ month_of('reviews.review_date') }}
        ) as subject_month,
        prescriptions.doctor_code,
        coalesce(prescriptions.dept_code, stays.dept_code) as dept_code,
        prescriptions.amount,
        reviews.result,
        coalesce(reviews.result = 'abnormal' or '|' || reviews.problem_codes like '%|3-%', false) as is_abnormal,
        reviews.result = 'reasonable' as is_reasonable,
        reviews.problem_codes,
        reviews.reviewer_code,
        reviews.doctor_reply is not null as has_reply,
        reviews.batch_id
    from reviews
    left join written
        on
            written.org_code = reviews.org_code
            and written.rx_id = reviews.rx_id
    left join prescriptions
        on
            prescriptions.org_code = reviews.org_code
            and prescriptions.rx_id = reviews.rx_id
    left join stays
        on
            stays.org_code = reviews.org_code
            and stays.adm_id = reviews.adm_id
)

select * from described
