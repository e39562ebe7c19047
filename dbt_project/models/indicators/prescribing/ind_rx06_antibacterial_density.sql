-- Grain: one organisation, month with discharges, and either the hospital or one of its departments.
-- Rule: RX06, DDDs of antibacterials handed out to wards in the month per 100 patient days (discharged patients x
-- their mean stay), above the target of the hospital's type; a department has a target only where the hospital sets
-- one (RX06.max_dept_aud, scope organisation|department). Amount at risk is the part above the target.
-- Source: core.fct_ward_stay, int_antibacterial_use.
with stays as (
    select * from {{ ref('fct_ward_stay') }}
    where dscg_month is not null
),

uses as (
    select * from {{ ref('int_antibacterial_use') }}
),

insured_shares as (
    select * from {{ ref('int_insured_share') }}
),

patient_days as (
    select
        stays.org_code,
        levels.subject_type,
        case levels.subject_type when 'hospital' then stays.org_code else stays.dept_code end as subject_id,
        stays.dscg_month as period_start,
        count(*) as discharges,
        sum(stays.stay_days) as days,
        min(case when stays.std_dept_code = neonatal.code then 1 else 0 end) as is_neonatal
    from stays
    cross join (values ('hospital'), ('department')) as levels (subject_type)
    left join {{ ref('code_label') }} as neonatal
        on neonatal.code_set = 'neonatal_department' and neonatal.code = stays.std_dept_code
    group by
        stays.org_code, levels.subject_type,
        case levels.subject_type when 'hospital' then stays.org_code else stays.dept_code end,
        stays.dscg_month
),

totals as (
    select
        org_code,
        subject_type,
        subject_id,
        dispense_month,
        sum(ddds) as ddds,
        cast(count(ddds) as numeric(18, 4)) / count(*) as ddd_coverage
    from uses
    group by org_code, subject_type, subject_id, dispense_month
),

densities as (
    select
        patient_days.*,
        coalesce(totals.ddds, 0) / patient_days.days * 100 as density,
        coalesce(totals.ddd_coverage, 1) as ddd_coverage,
        case patient_days.subject_type when 'hospital' then max_aud.value else max_dept_aud.value end as target
    from patient_days
    left join totals
        on
            totals.org_code = patient_days.org_code
            and totals.subject_type = patient_days.subject_type
            and totals.subject_id = patient_days.subject_id
            and totals.dispense_month = patient_days.period_start
    {{ threshold_join('max_aud', 'RX06', 'max_aud', 'patient_days.org_code', 'patient_days.period_start') }}
    {{
        threshold_join(
            'max_dept_aud', 'RX06', 'max_dept_aud', 'patient_days.org_code', 'patient_days.period_start',
            qualifier_sql='patient_days.subject_id',
        )
    }}
),

judged as (
    select
        densities.*,
        case
            when densities.ddd_coverage < coverage.value then 'missing_ddd'
            when densities.target is null then 'no_target'
            when densities.discharges < floors.value then 'below_volume'
            when densities.density <= densities.target then 'clear'
            when densities.is_neonatal = 1 then 'neonatal'
            else 'fired'
        end as verdict
    from densities
    {{ threshold_join('coverage', 'RX06', 'min_ddd_coverage', 'densities.org_code', 'densities.period_start') }}
    {{ threshold_join('floors', 'RX06', 'min_discharges', 'densities.org_code', 'densities.period_start') }}
),

outcomes as (
    select
        judged.*,
        case when subject_type = 'department' then subject_id end as dept_code,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['missing_ddd', 'no_target', 'below_volume']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        density as value,
        target as threshold,
        discharges as n,
        ddd_coverage as deviation
    from judged
),

exceeding as (
    select * from outcomes
    where outcome in ('fired', 'guarded')
),

evidence as (
    select
        exceeding.org_code,
        exceeding.subject_type,
        exceeding.subject_id,
        exceeding.period_start,
        exceeding.outcome,
        'his_dispense' as source_table,
        uses.dispense_id as row_key,
        uses.ddds / exceeding.days * 100 as value,
        coalesce(uses.amount, 0) * (1 - exceeding.target / exceeding.density) as risk_gross,
        coalesce(uses.amount, 0) * (1 - exceeding.target / exceeding.density) * coalesce(insured_shares.insured_share, 0)
            as risk_fund
    from exceeding
    inner join uses
        on
            uses.org_code = exceeding.org_code
            and uses.subject_type = exceeding.subject_type
            and uses.subject_id = exceeding.subject_id
            and uses.dispense_month = exceeding.period_start
            and uses.ddds is not null
    left join insured_shares
        on
            insured_shares.org_code = uses.org_code
            and insured_shares.fee_id = uses.fee_id
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'RX06', '1.0.0', 'subject_type', 'with_evidence',
            absent=['doctor_code', 'expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
