{{ config(indexes=[{'columns': ['org_code', 'doctor_code', 'rx_month', 'metric'], 'unique': true}]) }}

-- Grain: one doctor, month and metric of outpatient prescribing.
-- Rule: log_avg_amount is the logarithm of the mean amount a prescription, without herbs, specialty drugs
-- and long-term prescriptions; key_share the share of key-monitored drugs in the amount of drugs without
-- herbs. The doctor belongs to the department with most of the month's prescriptions.
with prescriptions as (
    select * from {{ ref('fct_prescription') }}
    where rx_kind = 'outpatient'
),

lines as (
    select * from {{ ref('fct_prescription_line') }}
    where rx_kind = 'outpatient' and drug_class <> 'herb_piece' and not is_self_provided
),

department_counts as (
    select
        org_code,
        doctor_code,
        rx_month,
        dept_code,
        std_dept_code,
        discipline_group,
        row_number() over (
            partition by org_code, doctor_code, rx_month
            order by count(*) desc, dept_code
        ) = 1 as is_chosen
    from prescriptions
    group by org_code, doctor_code, rx_month, dept_code, std_dept_code, discipline_group
),

amounts as (
    select
        org_code,
        doctor_code,
        rx_month,
        'log_avg_amount' as metric,
        count(*) as n,
        sum(amount) as amount,
        sum(amount) / count(*) as metric_value,
        ln(sum(amount) / count(*)) as x
    from prescriptions
    where cost_group = 'general' and not long_term_flag and amount > 0
    group by org_code, doctor_code, rx_month
),

shares as (
    select
        org_code,
        doctor_code,
        rx_month,
        'key_share' as metric,
        count(distinct rx_id) as n,
        sum(case when is_key_monitored then amount else 0 end) as amount,
        sum(case when is_key_monitored then amount else 0 end) / nullif(sum(amount), 0) as metric_value,
        sum(case when is_key_monitored then amount else 0 end) / nullif(sum(amount), 0) as x
    from lines
    group by org_code, doctor_code, rx_month
),

metrics as (
    select * from amounts
    union all
    select * from shares
),

placed as (
    select
        metrics.org_code,
        metrics.doctor_code,
        metrics.rx_month,
        metrics.metric,
        department_counts.dept_code,
        department_counts.std_dept_code,
        department_counts.discipline_group,
        organisations.level_group,
        organisations.org_type,
        cast(metrics.n as integer) as n,
        cast(metrics.amount as numeric(18, 2)) as amount,
        cast(metrics.metric_value as numeric(18, 6)) as metric_value,
        cast(metrics.x as numeric(18, 6)) as x,
        metrics.n >= floor_rx.value as has_volume
    from metrics
    inner join department_counts
        on
            metrics.org_code = department_counts.org_code
            and metrics.doctor_code = department_counts.doctor_code
            and metrics.rx_month = department_counts.rx_month
            and department_counts.is_chosen
    inner join {{ ref('dim_organisation') }} as organisations on metrics.org_code = organisations.org_code
    {{ threshold_join('floor_rx', 'ALL', 'min_rx_doctor_month', 'metrics.org_code', 'metrics.rx_month') }}
    where metrics.x is not null
)

select * from placed
