{{ config(indexes=[{'columns': ['org_code', 'doctor_code', 'rx_month', 'metric'], 'unique': true}]) }}

-- Grain: one doctor, month and metric of outpatient prescribing; of dept_key_share and ward_key_share one department or
-- ward, whose code stands in doctor_code.
-- Rule: log_avg_amount is the logarithm of the mean amount a prescription, without herbs, specialty drugs
-- and long-term prescriptions, which have measures of their own (macro amount_metric): log_amount_<group> likewise,
-- log_day_amount_<group> of the amount a day of long-term ones, where the days are known. key_share and those of
-- departments and wards are made in peer_key_share; antibacterial_rate and injection_rate are the share of visits with a
-- prescription that have one; essential_share that of essential medicines among the lines, compared by its complement,
-- as it is low shares that stand out. `trials` is the count behind such a share, null for amounts. The doctor belongs to
-- the department with most of the month's prescriptions.
with prescriptions as (
    select
        fct_prescription.*,
        {{ amount_metric('fct_prescription') }} as amount_metric,
        case when {{ is_long_term('fct_prescription') }} then days_supply else 1 end as amount_units
    from {{ ref('fct_prescription') }} as fct_prescription
    where {{ amount_metric('fct_prescription') }} is not null
),

department_counts as (
    select
        org_code,
        doctor_code,
        rx_month,
        dept_code,
        row_number() over (
            partition by org_code, doctor_code, rx_month
            order by count(*) desc, dept_code
        ) = 1 as is_chosen
    from prescriptions
    group by org_code, doctor_code, rx_month, dept_code
),

visit_departments as (
    select
        visit_months.*,
        first_value(dept_code) over (
            partition by org_code, doctor_code, rx_month
            order by visits desc, dept_code
        ) as main_dept_code
    from {{ ref('peer_visit_month') }} as visit_months
    where setting = 'outpatient'
),

visit_counts as (
    select
        org_code,
        doctor_code,
        rx_month,
        main_dept_code as dept_code,
        sum(visits) as visits,
        cast(sum(antibacterial_visits) as numeric(18, 6)) as antibacterial_visits,
        cast(sum(injection_visits) as numeric(18, 6)) as injection_visits,
        sum(known_items) as known_items,
        cast(sum(essential_items) as numeric(18, 6)) as essential_items
    from visit_departments
    group by org_code, doctor_code, rx_month, main_dept_code
),

amounts as (
    select
        org_code,
        doctor_code,
        rx_month,
        amount_metric as metric,
        count(*) as n,
        sum(amount) as amount,
        sum(amount) / sum(amount_units) as metric_value,
        ln(sum(amount) / sum(amount_units)) as x
    from prescriptions
    where amount > 0 and amount_units > 0
    group by org_code, doctor_code, rx_month, amount_metric
),

key_shares as (
    select * from {{ ref('peer_key_share') }}
),

rates as (
    select
        org_code,
        doctor_code,
        rx_month,
        dept_code,
        'antibacterial_rate' as metric,
        visits as n,
        visits as trials,
        antibacterial_visits / visits as metric_value,
        antibacterial_visits / visits as x
    from visit_counts
    union all
    select
        org_code,
        doctor_code,
        rx_month,
        dept_code,
        'injection_rate' as metric,
        visits as n,
        visits as trials,
        injection_visits / visits as metric_value,
        injection_visits / visits as x
    from visit_counts
    union all
    select
        org_code,
        doctor_code,
        rx_month,
        dept_code,
        'essential_share' as metric,
        visits as n,
        known_items as trials,
        essential_items / nullif(known_items, 0) as metric_value,
        1 - essential_items / nullif(known_items, 0) as x
    from visit_counts
),

amount_metrics as (
    select * from amounts
    union all
    select
        org_code,
        subject_code as doctor_code,
        rx_month,
        metric,
        n,
        amount,
        metric_value,
        x
    from key_shares
    where metric = 'key_share'
),

metrics as (
    select
        amount_metrics.org_code,
        amount_metrics.doctor_code,
        amount_metrics.rx_month,
        department_counts.dept_code,
        amount_metrics.metric,
        amount_metrics.n,
        amount_metrics.amount,
        cast(null as integer) as trials,
        amount_metrics.metric_value,
        amount_metrics.x
    from amount_metrics
    inner join department_counts
        on
            amount_metrics.org_code = department_counts.org_code
            and amount_metrics.doctor_code = department_counts.doctor_code
            and amount_metrics.rx_month = department_counts.rx_month
            and department_counts.is_chosen
    union all
    select
        org_code,
        doctor_code,
        rx_month,
        dept_code,
        metric,
        n,
        null as amount,
        trials,
        metric_value,
        x
    from rates
    union all
    select
        org_code,
        subject_code as doctor_code,
        rx_month,
        dept_code,
        metric,
        n,
        amount,
        null as trials,
        metric_value,
        x
    from key_shares
    where metric <> 'key_share'
),

placed as (
    select
        metrics.org_code,
        metrics.doctor_code,
        metrics.rx_month,
        metrics.metric,
        metrics.dept_code,
        departments.std_dept_code,
        departments.discipline_group,
        organisations.level_group,
        organisations.org_type,
        cast(metrics.n as integer) as n,
        cast(metrics.amount as numeric(18, 2)) as amount,
        cast(metrics.trials as integer) as trials,
        cast(metrics.metric_value as numeric(18, 6)) as metric_value,
        cast(metrics.x as numeric(18, 6)) as x,
        metrics.n >= case
            when metrics.metric = 'dept_key_share' then floor_department.value
            when metrics.metric = 'ward_key_share' then floor_ward.value
            when metrics.metric like 'log%' and metrics.metric <> 'log_avg_amount' then floor_group.value
            else floor_rx.value
        end as has_volume
    from metrics
    left join {{ ref('dim_department') }} as departments
        on
            metrics.org_code = departments.org_code
            and metrics.dept_code = departments.dept_code
    inner join {{ ref('dim_organisation') }} as organisations on metrics.org_code = organisations.org_code
    {{ threshold_join('floor_rx', 'ALL', 'min_rx_doctor_month', 'metrics.org_code', 'metrics.rx_month') }}
    {{ threshold_join('floor_group', 'RX03', 'min_rx_group', 'metrics.org_code', 'metrics.rx_month') }}
    {{
        threshold_join(
            'floor_department', 'ALL', 'min_visits_dept_month', 'metrics.org_code', 'metrics.rx_month',
        )
    }}
    {{ threshold_join('floor_ward', 'RX10', 'min_patients_ward_month', 'metrics.org_code', 'metrics.rx_month') }}
    where metrics.metric_value is not null
)

select * from placed
