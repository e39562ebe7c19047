-- Grain: one department or hospital, setting, quarter and measure of what its encounters cost.
-- Rule: value beside what the case mix lets expect at the other hospitals and the 99.8 % control limits, as BL12 and BL15 see
-- them; no limits without peers or where they do not vary, no expectation where the measure cannot be compared.
-- Source: peer_department_score.
with scores as (
    select * from {{ ref('peer_department_score') }}
),

labels as (
    select * from {{ ref('code_label') }}
),

typed as (
    select
        cast(scores.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(organisations.org_level_zh as varchar(60)) as org_level_zh,
        cast(organisations.district_name as varchar(60)) as district_name,
        cast(scores.subject_type as varchar(20)) as subject_type,
        cast(scores.subject_id as varchar(60)) as subject_id,
        cast(
            case
                when scores.subject_type = 'department' then coalesce(departments.dept_name, scores.subject_id)
                else '全院'
            end as varchar(200)
        ) as dept_name,
        cast(scores.setting as varchar(20)) as setting,
        cast(coalesce(setting_label.label_zh, scores.setting) as varchar(60)) as setting_zh,
        cast(scores.quarter_start as date) as period_month,
        cast(scores.measure as varchar(30)) as measure,
        cast(coalesce(measure_label.label_zh, scores.measure) as varchar(60)) as measure_zh,
        cast(scores.n as integer) as n,
        cast(scores.value as numeric(18, 4)) as value,
        cast(scores.expected as numeric(18, 4)) as expected,
        cast(scores.limit_lower as numeric(18, 4)) as limit_lower,
        cast(scores.limit_upper as numeric(18, 4)) as limit_upper,
        cast(scores.peer_n as integer) as peer_n
    from scores
    left join {{ ref('organisation') }} as organisations on scores.org_code = organisations.org_code
    left join {{ ref('dim_department') }} as departments
        on
            scores.org_code = departments.org_code
            and scores.subject_id = departments.dept_code
    left join labels as setting_label
        on
            scores.setting = setting_label.code
            and setting_label.code_set = 'setting'
    left join labels as measure_label
        on
            scores.measure = measure_label.code
            and measure_label.code_set = 'cost_measure'
)

select * from typed
