-- Grain: one month and doctor (key_share), clinical department (dept_key_share) or ward (ward_key_share) with drugs.
-- Rule: the part of key-monitored drugs, without what an indication supports, in the amount of drugs: of outpatient
-- prescriptions without herbs, in wards of what was handed out. `n` counts prescriptions, in wards patients. Departments
-- have few peers of their own subject, so they are compared by how far they lie above the share of their subject at
-- the other hospitals (x; null without ALL.min_reference_orgs of them), and those of a discipline stand side by side.
-- Source: peer_key_use, core.fct_prescription_line, core.fct_ward_dispense.
with sheets as (
    select
        org_code,
        doctor_code,
        dept_code,
        rx_month,
        sum(amount) as amount
    from {{ ref('fct_prescription_line') }}
    where rx_kind = 'outpatient' and drug_class <> 'herb_piece' and not is_self_provided
    group by org_code, doctor_code, dept_code, rx_month, rx_id
),

outpatient as (
    select
        org_code,
        doctor_code,
        dept_code,
        rx_month,
        count(*) as n,
        sum(amount) as amount
    from sheets
    group by org_code, doctor_code, dept_code, rx_month
),

ward_stays as (
    select
        org_code,
        dept_code,
        dispense_month as rx_month,
        sum(amount) as amount
    from {{ ref('fct_ward_dispense') }}
    group by org_code, dept_code, dispense_month, adm_id
),

wards as (
    select
        org_code,
        dept_code,
        rx_month,
        count(*) as n,
        sum(amount) as amount
    from ward_stays
    group by org_code, dept_code, rx_month
),

key_uses as (
    select
        org_code,
        doctor_code,
        dept_code,
        use_month,
        setting,
        sum(amount) as amount
    from {{ ref('peer_key_use') }}
    where setting in ('outpatient', 'inpatient') and not is_supported
    group by org_code, doctor_code, dept_code, use_month, setting
),

parts as (
    select
        outpatient.org_code,
        outpatient.doctor_code,
        outpatient.dept_code,
        outpatient.rx_month,
        'dept_key_share' as metric,
        outpatient.n,
        outpatient.amount,
        coalesce(key_uses.amount, 0) as key_amount
    from outpatient
    left join key_uses
        on
            key_uses.setting = 'outpatient'
            and key_uses.org_code = outpatient.org_code
            and key_uses.doctor_code = outpatient.doctor_code
            and key_uses.dept_code = outpatient.dept_code
            and key_uses.use_month = outpatient.rx_month
    union all
    select
        wards.org_code,
        null as doctor_code,
        wards.dept_code,
        wards.rx_month,
        'ward_key_share' as metric,
        wards.n,
        wards.amount,
        coalesce(key_uses.amount, 0) as key_amount
    from wards
    left join key_uses
        on
            key_uses.setting = 'inpatient'
            and key_uses.org_code = wards.org_code
            and key_uses.dept_code = wards.dept_code
            and key_uses.use_month = wards.rx_month
),

department_sums as (
    select
        parts.org_code,
        parts.dept_code,
        parts.rx_month,
        parts.metric,
        departments.std_dept_code,
        sum(parts.n) as n,
        sum(parts.amount) as amount,
        sum(parts.key_amount) as key_amount
    from parts
    inner join {{ ref('dim_department') }} as departments
        on
            departments.org_code = parts.org_code
            and departments.dept_code = parts.dept_code
    group by parts.org_code, parts.dept_code, parts.rx_month, parts.metric, departments.std_dept_code
),

-- The subject at the other hospitals: all of it less the own.
ranked as (
    select
        department_sums.*,
        dense_rank() over (partition by metric, std_dept_code, rx_month order by org_code) as org_rank
    from department_sums
),

compared_sums as (
    select
        ranked.*,
        max(org_rank) over subject - 1 as other_orgs,
        (sum(key_amount) over subject - sum(key_amount) over own)
        / nullif(sum(amount) over subject - sum(amount) over own, 0) as other_share
    from ranked
    window
        subject as (partition by metric, std_dept_code, rx_month),
        own as (partition by metric, std_dept_code, rx_month, org_code)
),

shares as (
    select
        org_code,
        doctor_code as subject_code,
        {{ as_text('null') }} as dept_code,
        rx_month,
        'key_share' as metric,
        sum(n) as n,
        sum(key_amount) as amount,
        sum(key_amount) / nullif(sum(amount), 0) as metric_value,
        sum(key_amount) / nullif(sum(amount), 0) as x
    from parts
    where doctor_code is not null
    group by org_code, doctor_code, rx_month
    union all
    select
        compared_sums.org_code,
        compared_sums.dept_code as subject_code,
        compared_sums.dept_code,
        compared_sums.rx_month,
        compared_sums.metric,
        compared_sums.n,
        compared_sums.key_amount as amount,
        compared_sums.key_amount / nullif(compared_sums.amount, 0) as metric_value,
        case
            when compared_sums.std_dept_code is not null and compared_sums.other_orgs >= min_orgs.value
                then compared_sums.key_amount / nullif(compared_sums.amount, 0) - compared_sums.other_share
        end as x
    from compared_sums
    {{ threshold_join('min_orgs', 'ALL', 'min_reference_orgs', 'compared_sums.org_code', 'compared_sums.rx_month') }}
),

typed as (
    select
        org_code,
        subject_code,
        dept_code,
        rx_month,
        metric,
        cast(n as integer) as n,
        cast(amount as numeric(18, 2)) as amount,
        cast(metric_value as numeric(18, 6)) as metric_value,
        cast(x as numeric(18, 6)) as x
    from shares
)

select * from typed
