-- Grain: one doctor, month and measure of outpatient prescribing that is compared with peers.
-- Rule: value, expected (median of the peers) and 99.8 % control limits as the indicators see them; null where the doctor
-- had too few cases or no peers. Shares of essential medicines, of which low ones stand out, and those of whole
-- departments and wards are left out.
-- Source: peer_prescribing_score.
with scores as (
    select * from {{ ref('peer_prescribing_score') }}
    where metric not in ('essential_share', 'dept_key_share', 'ward_key_share')
),

organisations as (
    select * from {{ ref('organisation') }}
),

labels as (
    select * from {{ ref('code_label') }}
    where code_set = 'doctor_metric'
),

typed as (
    select
        cast(scores.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(organisations.org_level_zh as varchar(60)) as org_level_zh,
        cast(organisations.district_name as varchar(60)) as district_name,
        cast(scores.doctor_code as varchar(60)) as doctor_code,
        cast(
            {{ staff_label('coalesce(departments.dept_name, scores.dept_code)', 'scores.doctor_code') }} as varchar(300)
        ) as subject_label,
        cast(
            {{ staff_label('coalesce(departments.dept_name, scores.dept_code)', 'scores.doctor_code', 'doctor') }} as varchar(300)
        ) as subject_label_en,
        cast(coalesce(departments.dept_name, scores.dept_code, '—') as varchar(200)) as dept_name,
        cast(scores.rx_month as date) as period_month,
        cast(scores.metric as varchar(40)) as metric,
        cast(coalesce(labels.label_zh, scores.metric) as varchar(60)) as metric_zh,
        cast(scores.n as integer) as n,
        cast(scores.metric_value as numeric(18, 4)) as value,
        cast(case when scores.has_volume then scores.expected end as numeric(18, 4)) as expected,
        cast(case when scores.has_volume then scores.limit_lower end as numeric(18, 4)) as limit_lower,
        cast(case when scores.has_volume then scores.limit_upper end as numeric(18, 4)) as limit_upper,
        cast(scores.peer_group as varchar(120)) as peer_group,
        cast(scores.peer_n as integer) as peer_n
    from scores
    left join organisations on scores.org_code = organisations.org_code
    left join {{ ref('dim_department') }} as departments
        on
            scores.org_code = departments.org_code
            and scores.dept_code = departments.dept_code
    left join labels on scores.metric = labels.code
)

select * from typed
