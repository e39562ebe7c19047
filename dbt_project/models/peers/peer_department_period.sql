{% set amounts = ['amount', 'drug', 'lab_exam', 'consumable', 'treatment', 'ct', 'mri'] %}
{% set counts = ['readmissions', 'low_admissions'] %}

-- Grain: one department or hospital, setting and quarter with encounters (span quarter), and again each month of the
-- quarter (span month), with their sums and what the case mix lets expect of these.
-- Rule: `obstacle` says why nothing can be compared: fewer encounters than the floor, no standard department, too many
-- encounters without a main diagnosis or without a reference at other hospitals. `has_categories` says whether the
-- category of charges is known for enough of the amount.
-- Source: peer_cost_expected.
with cells as (
    select
        peer_cost_expected.*,
        levels.subject_type,
        case levels.subject_type when 'hospital' then org_code else dept_code end as subject_id
    from {{ ref('peer_cost_expected') }} as peer_cost_expected
    cross join (values ('hospital'), ('department')) as levels (subject_type)
),

-- Each cell counts for its month and for the quarter.
periods as (
    select
        cells.*,
        spans.span,
        case spans.span when 'month' then cells.encounter_month else cells.quarter_start end as period_start
    from cells
    cross join (values ('month'), ('quarter')) as spans (span)
),

sums as (
    select
        org_code,
        subject_type,
        subject_id,
        setting,
        quarter_start,
        span,
        period_start,
        max(case subject_type when 'department' then std_dept_code end) as std_dept_code,
        max(case subject_type when 'department' then discipline_group end) as discipline_group,
        max(level_group) as level_group,
        max(org_type) as org_type,
        cast(sum(n) as numeric(18, 4)) as n,
        sum(case when main_icd3 = '' then 0 else n end) as diagnosed_n,
        sum(case when rung is null then 0 else n end) as compared_n,
        sum(known_amount) as known_amount,
        {%- for part in amounts %}
        sum({{ part }}) as {{ part }},
        max(max_{{ part }}) as max_{{ part }},
        sum(n * expected_{{ part }}) as expected_{{ part }},
        {%- endfor %}
        {%- for part in counts %}
        sum({{ part }}) as {{ part }},
        sum(n * expected_{{ part }}) as expected_{{ part }},
        {%- endfor %}
        sum(guarded_low_admissions) as guarded_low_admissions,
        min(low_guard) as low_guard
    from periods
    group by org_code, subject_type, subject_id, setting, quarter_start, span, period_start
),

limits as (
    select
        quarters.org_code,
        quarters.quarter_start,
        min_visits.value as min_visits,
        min_discharges.value as min_discharges,
        min_coverage.value as min_coverage
    from (
        select distinct
            org_code,
            quarter_start
        from sums
    ) as quarters
    {{ threshold_join('min_visits', 'BL15', 'min_visits', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('min_discharges', 'BL15', 'min_discharges', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('min_coverage', 'ALL', 'min_coverage', 'quarters.org_code', 'quarters.quarter_start') }}
),

judged as (
    select
        sums.org_code,
        sums.subject_type,
        sums.subject_id,
        sums.setting,
        sums.quarter_start,
        sums.span,
        sums.period_start,
        sums.std_dept_code,
        sums.discipline_group,
        sums.level_group,
        sums.org_type,
        cast(sums.n as integer) as n,
        cast(sums.compared_n as integer) as compared_n,
        {%- for part in amounts %}
        cast(sums.{{ part }} as numeric(18, 2)) as {{ part }},
        cast(sums.max_{{ part }} as numeric(18, 2)) as max_{{ part }},
        {%- endfor %}
        {%- for part in counts + ['guarded_low_admissions'] %}
        cast(sums.{{ part }} as integer) as {{ part }},
        {%- endfor %}
        {%- for part in amounts + counts %}
        cast(sums.expected_{{ part }} as numeric(24, 6)) as expected_{{ part }},
        {%- endfor %}
        sums.low_guard,
        sums.known_amount >= limits.min_coverage * sums.amount as has_categories,
        case
            when sums.n < case sums.setting when 'inpatient' then limits.min_discharges else limits.min_visits end
                then 'below_volume'
            when sums.subject_type = 'department' and sums.std_dept_code is null then 'missing_department'
            when sums.diagnosed_n < limits.min_coverage * sums.n then 'missing_diagnosis'
            when sums.compared_n < limits.min_coverage * sums.n then 'no_reference'
        end as obstacle
    from sums
    inner join limits
        on
            limits.org_code = sums.org_code
            and limits.quarter_start = sums.quarter_start
)

select * from judged
