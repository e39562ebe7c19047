-- Grain: one stay with billed operations.
-- Rule: BL05, several operations through one incision under one anaesthesia, of which further ones were billed
-- above the share of their price that the discount rules leave payable (手术未折价, 条例 §38;
-- GZ10000102002). The finding is what was billed beyond that share, never the whole line.
-- Source: int_operation_charge, core.dim_surgery_discount.
with charges as (
    select * from {{ ref('int_operation_charge') }}
),

discounts as (
    select * from {{ ref('dim_surgery_discount') }}
),

organisations_with_rules as (
    select distinct organisations.org_code
    from {{ ref('dim_organisation') }} as organisations
    inner join discounts
        on
            discounts.org_code = '*'
            or organisations.org_code = discounts.org_code
),

ruled as (
    select
        charges.*,
        discounts.rule_set,
        discounts.grp,
        discounts.discount,
        discounts.from_rank,
        discounts.to_rank,
        row_number() over (
            partition by
                charges.org_code, charges.adm_id, charges.session_no, charges.approach, discounts.rule_set, discounts.grp
            order by charges.full_price desc, charges.fee_id
        ) as place_in_group,
        row_number() over (
            partition by
                charges.org_code,
                charges.adm_id,
                charges.session_no,
                charges.approach,
                discounts.rule_set,
                discounts.grp,
                charges.med_list_codg
            order by charges.fee_id
        ) as place_in_item
    from charges
    left join discounts
        on
            charges.med_list_codg = discounts.med_list_codg
            and charges.service_date between discounts.valid_from and discounts.valid_to
            and (discounts.org_code = '*' or charges.org_code = discounts.org_code)
),

-- What would be payable if the rule applied to each.
priced as (
    select
        ruled.*,
        cast(full_price * discount * greatest(net_qty, 1) as numeric(18, 2)) as discounted_amount,
        place_in_group between from_rank and coalesce(to_rank, place_in_group) as is_further
    from ruled
),

judged_rules as (
    select
        priced.org_code,
        priced.fee_id,
        priced.subject_id,
        priced.dept_code,
        priced.service_month as period_start,
        priced.net_amount,
        priced.discounted_amount,
        case
            when priced.stay_charges = 1 and coalesce(priced.from_rank, 2) > 1 then 'clear'
            when organisations_with_rules.org_code is null then 'missing_surgery_discount'
            when priced.surgery_id is null then 'missing_surgery'
            when priced.session_no is null then 'missing_surgery_time'
            when priced.approach is null then 'missing_approach'
            when priced.discount is null and priced.place_in_session > 1 then 'no_discount'
            when priced.discount is null then 'clear'
            when priced.net_amount <= priced.discounted_amount + tolerance.value then 'clear'
            when priced.is_further and (priced.place_in_item > 1 or priced.net_qty > 1) then 'bilateral'
            when priced.is_further then 'fired'
            when priced.place_in_session > 1 and priced.place_in_group = 1 then 'different_incision'
            when priced.place_in_session = 1 and priced.place_in_stay > 1 then 'return_to_theatre'
            else 'clear'
        end as verdict
    from priced
    left join organisations_with_rules on priced.org_code = organisations_with_rules.org_code
    {{ threshold_join('tolerance', 'BL05', 'amount_tolerance', 'priced.org_code', 'priced.service_month') }}
),

rule_outcomes as (
    select
        judged_rules.*,
        {{
            outcome_of('verdict', [
                'missing_surgery_discount', 'missing_surgery', 'missing_surgery_time', 'missing_approach',
                'no_discount',
            ])
        }} as outcome
    from judged_rules
),

-- Where several rule sets were broken, the one that leaves most payable decides about the money.
outcomes as (
    select
        org_code,
        fee_id,
        subject_id,
        dept_code,
        period_start,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as verdict,
        max(net_amount) as net_amount,
        coalesce(
            max(case when outcome = 'fired' then discounted_amount end),
            max(case when outcome = 'guarded' then discounted_amount end)
        ) as discounted_amount
    from rule_outcomes
    group by org_code, fee_id, subject_id, dept_code, period_start
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', '(line.net_amount - line.discounted_amount)') }}
),

stay_months as (
    {{
        subject_months('outcomes', {
            'dept_code': "max(dept_code)",
            'expected': "sum(case when outcome = 'fired' then discounted_amount end)",
        })
    }}
),

with_evidence as (
    {{ with_evidence('stay_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL05', '1.0.0', "'encounter'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=['doctor_code', 'threshold', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
