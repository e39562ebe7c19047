-- Grain: one organisation, month with prescriptions or discharges, and setting (outpatient, ward).
-- Rule: how many were reviewed beside how many should have been: RX15.sample_rate of them and at least
-- RX15.sample_min, never more than there were. A month is due once the hospital's reviews reach
-- RX15.review_lag_days beyond its end. Reviews before dispensing are no review of the month's sample.
-- Source: core.fct_prescription, core.fct_ward_stay, core.fct_rx_review.
with subjects as (
    select
        org_code,
        'outpatient' as setting,
        rx_month as subject_month,
        count(*) as subjects
    from {{ ref('fct_prescription') }}
    where rx_kind <> 'discharge'
    group by org_code, rx_month
    union all
    select
        org_code,
        'ward' as setting,
        dscg_month as subject_month,
        count(*) as subjects
    from {{ ref('fct_ward_stay') }}
    where dscg_month is not null
    group by org_code, dscg_month
),

reviews as (
    select * from {{ ref('fct_rx_review') }}
    where review_kind <> 'pre_audit'
),

reviewed as (
    select
        org_code,
        setting,
        subject_month,
        count(*) as reviewed
    from reviews
    group by org_code, setting, subject_month
),

last_reviews as (
    select
        org_code,
        max(review_date) as last_review
    from reviews
    group by org_code
),

compared as (
    select
        subjects.org_code,
        subjects.setting,
        subjects.subject_month,
        cast(subjects.subjects as integer) as subjects,
        cast(coalesce(reviewed.reviewed, 0) as integer) as reviewed,
        cast(
            least(subjects.subjects, greatest(sample_min.value, ceil(subjects.subjects * sample_rate.value))) as integer
        ) as required,
        coalesce(
            last_reviews.last_review
            >= {{ add_days(add_months('subjects.subject_month', 1), 'cast(lag_days.value - 1 as integer)') }},
            false
        ) as is_due
    from subjects
    left join reviewed
        on
            reviewed.org_code = subjects.org_code
            and reviewed.setting = subjects.setting
            and reviewed.subject_month = subjects.subject_month
    left join last_reviews on last_reviews.org_code = subjects.org_code
    {{
        threshold_join(
            'sample_min', 'RX15', 'sample_min', 'subjects.org_code', 'subjects.subject_month',
            qualifier_sql='subjects.setting',
        )
    }}
    {{
        threshold_join(
            'sample_rate', 'RX15', 'sample_rate', 'subjects.org_code', 'subjects.subject_month',
            qualifier_sql='subjects.setting',
        )
    }}
    {{ threshold_join('lag_days', 'RX15', 'review_lag_days', 'subjects.org_code', 'subjects.subject_month') }}
)

select * from compared
