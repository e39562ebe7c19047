{#- Shares of the bill and rates of stays: name of the measure and what it counts. -#}
{% set groups = ['drug', 'lab_exam', 'consumable', 'treatment', 'ct', 'mri'] %}
{% set rates = [
    ('readmission_rate', 'readmissions', '0'),
    ('low_admission_rate', 'low_admissions', 'guarded_low_admissions'),
] %}

-- Grain: one row of peer_department_period (department or hospital, setting, quarter or month of it) and measure.
-- Rule: shares of the bill and mean_amount are compared by their ratio to what the case mix lets expect, as ln(1 +
-- ratio), rates of stays by their difference from it. mean_growth is the mean cost over that of the quarter before,
-- beside how such cases' cost has changed elsewhere, so that neither season nor case mix is growth. `other_value` is
-- the value without the costliest encounter, of the rate of low-threshold admissions that with the excused ones.
-- `obstacle` says why a measure cannot be compared.
-- Source: peer_department_period.
with periods as (
    select * from {{ ref('peer_department_period') }}
),

-- A month is compared with the quarter before its own.
earlier as (
    select
        org_code,
        subject_type,
        subject_id,
        setting,
        {{ add_months('quarter_start', 3) }} as quarter_start,
        amount / n as mean_amount,
        expected_amount / nullif(compared_n, 0) as expected
    from periods
    where span = 'quarter' and obstacle is null
),

-- Nothing can have grown where the hospital has no such encounters before.
first_quarters as (
    select
        org_code,
        min(quarter_start) as quarter_start
    from periods
    group by org_code
),

measures as (
    {%- for group in groups %}
    select
        periods.*,
        '{{ group }}_share' as measure,
        amount as denominator,
        {{ group }} / amount as value,
        ({{ group }} - max_{{ group }}) / nullif(amount - max_{{ group }}, 0) as other_value,
        expected_{{ group }} / nullif(expected_amount, 0) as expected,
        not has_categories as lacks_categories
    from periods
    union all
    {%- endfor %}
    {%- for measure, part, excused in rates %}
    select
        periods.*,
        '{{ measure }}' as measure,
        n as denominator,
        cast({{ part }} as numeric(18, 6)) / n as value,
        cast({{ part }} + {{ excused }} as numeric(18, 6)) / n as other_value,
        expected_{{ part }} / nullif(compared_n, 0) as expected,
        {{ 'not has_categories' if part == 'low_admissions' else '1 = 0' }} as lacks_categories
    from periods
    where setting = 'inpatient'
    union all
    {%- endfor %}
    select
        periods.*,
        'mean_amount' as measure,
        n as denominator,
        amount / n as value,
        (amount - max_amount) / nullif(n - 1, 0) as other_value,
        expected_amount / nullif(compared_n, 0) as expected,
        1 = 0 as lacks_categories
    from periods
    union all
    select
        periods.*,
        'mean_growth' as measure,
        periods.n * earlier.mean_amount as denominator,
        periods.amount / nullif(periods.n * earlier.mean_amount, 0) as value,
        (periods.amount - periods.max_amount) / nullif((periods.n - 1) * earlier.mean_amount, 0) as other_value,
        periods.expected_amount / nullif(periods.compared_n * earlier.expected, 0) as expected,
        1 = 0 as lacks_categories
    from periods
    inner join first_quarters on first_quarters.org_code = periods.org_code
    left join earlier
        on
            earlier.org_code = periods.org_code
            and earlier.subject_type = periods.subject_type
            and earlier.subject_id = periods.subject_id
            and earlier.setting = periods.setting
            and earlier.quarter_start = periods.quarter_start
    where periods.quarter_start > first_quarters.quarter_start
),

judged as (
    select
        org_code || '|' || subject_type || '|' || subject_id || '|' || setting || '|' || {{ as_text('quarter_start') }}
        || '|' || measure as measure_key,
        org_code,
        subject_type,
        subject_id,
        setting,
        quarter_start,
        span,
        period_start,
        measure,
        std_dept_code,
        discipline_group,
        level_group,
        org_type,
        n,
        cast(denominator as numeric(18, 2)) as denominator,
        cast(value as numeric(18, 6)) as value,
        cast(other_value as numeric(18, 6)) as other_value,
        cast(expected as numeric(18, 6)) as expected,
        low_guard,
        case
            when obstacle is not null then obstacle
            when lacks_categories then 'missing_category'
            when measure = 'mean_growth' and value is null then 'no_earlier_quarter'
            when expected = 0 and measure like '%share' then 'no_reference'
        end as obstacle
    from measures
),

compared as (
    select
        judged.*,
        cast({{ deviation_from_expected('value') }} as numeric(18, 6)) as x,
        cast({{ deviation_from_expected('other_value') }} as numeric(18, 6)) as other_x
    from judged
)

select * from compared
