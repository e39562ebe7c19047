-- Grain: one organisation, cashier and month in which refunds were paid.
-- Rule: BL16, a refund without approver, approved by the cashier who paid it, paid in cash for what the
-- insurance had paid, or more than BL16.max_refund_days after the settlement (退费冲红异常). Amount = what
-- was given back less what the encounter was settled for again.
-- Source: core.fct_refund, ref.code_label.
with refunds as (
    select * from {{ ref('fct_refund') }}
),

-- Where no refund of a hospital ever has an approver, the system does not keep them.
organisations_with_approvers as (
    select distinct org_code from refunds
    where refund_approver is not null
),

mass_days as (
    select
        refunds.org_code,
        refunds.refund_date
    from refunds
    {{ threshold_join('mass_refunds', 'BL16', 'mass_refunds', 'refunds.org_code', 'refunds.refund_month') }}
    group by refunds.org_code, refunds.refund_date
    having count(*) >= max(mass_refunds.value)
),

excused as (
    select distinct
        refunds.org_code,
        refunds.settle_id
    from refunds
    inner join {{ ref('code_label') }} as excuses
        on
            excuses.code_set = 'refund_excuse'
            and refunds.refund_reason like '%' || excuses.code || '%'
),

described as (
    select
        refunds.org_code,
        refunds.settle_id,
        coalesce(refunds.operator_code, '-') as subject_id,
        refunds.refund_month as period_start,
        max_days.value as max_days,
        greatest(0, refunds.refund_amount - refunds.settled_again) as given_back,
        least(1, refunds.insured_amount / nullif(refunds.refund_amount, 0)) as insured_share,
        refunds.operator_code,
        refunds.refund_approver,
        organisations_with_approvers.org_code is not null as keeps_approvers,
        mass_days.org_code is not null as is_mass_day,
        excused.settle_id is not null as is_excused,
        refunds.insured_amount > 0 and refunds.insured_refund = 0 as is_cash,
        coalesce(refunds.days_after > max_days.value, false) as is_late
    from refunds
    left join organisations_with_approvers on refunds.org_code = organisations_with_approvers.org_code
    left join mass_days
        on
            refunds.org_code = mass_days.org_code
            and refunds.refund_date = mass_days.refund_date
    left join excused
        on
            refunds.org_code = excused.org_code
            and refunds.settle_id = excused.settle_id
    {{ threshold_join('max_days', 'BL16', 'max_refund_days', 'refunds.org_code', 'refunds.refund_month') }}
),

judged as (
    select
        described.*,
        case
            when operator_code is null then 'missing_operator'
            when
                is_mass_day and (
                    is_cash
                    or is_late
                    or refund_approver = operator_code
                    or (refund_approver is null and keeps_approvers)
                )
                then 'mass_refund_day'
            when is_cash or refund_approver = operator_code then 'fired'
            when refund_approver is null and keeps_approvers then 'fired'
            when is_late and is_excused then 'service_not_given'
            when is_late then 'fired'
            when refund_approver is null then 'missing_approver'
            else 'clear'
        end as verdict
    from described
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_operator', 'missing_approver']) }} as outcome
    from judged
),

evidence as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'his_settle' as source_table,
        settle_id as row_key,
        1 as value,
        given_back as risk_gross,
        given_back * coalesce(insured_share, 0) as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded')
),

operator_months as (
    {{ subject_months('outcomes', {'threshold': 'max(max_days)'}) }}
),

with_evidence as (
    {{ with_evidence('operator_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL16', '1.0.0', "'operator'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value',
            ],
        )
    }}
)

select * from indicator
