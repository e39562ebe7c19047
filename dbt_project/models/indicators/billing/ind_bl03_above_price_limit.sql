-- Grain: one organisation, charge item and month in which the item has a price limit.
-- Rule: BL03, unit price above the price limit of the day and hospital level (超标准收费, 条例 §38;
-- GZ10000102001). Where several limits hold the highest counts, so that a doubt is not a finding.
-- Source: core.fct_fee_line, core.dim_price_limit and the hospital's, ward's and patient's dimension.
with fee_lines as (
    select * from {{ ref('fct_fee_line') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

departments as (
    select * from {{ ref('dim_department') }}
),

patients as (
    select * from {{ ref('dim_patient') }}
),

limited_lines as (
    select * from {{ ref('int_price_limited_line') }}
),

levels_with_limits as (
    select distinct hosp_lv from {{ ref('dim_price_limit') }}
),

judged_lines as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.item_code as subject_id,
        fee_lines.service_month as period_start,
        fee_lines.unit_price,
        limited_lines.price_limit,
        fee_lines.net_amount - limited_lines.price_limit * fee_lines.net_qty as overcharge,
        case
            when organisations.org_level is null then 'missing_org_level'
            when levels_with_limits.hosp_lv is null then 'missing_price_limit'
            when fee_lines.med_list_codg is null then 'missing_national_code'
            when limited_lines.price_limit is null then 'no_limit'
            when fee_lines.unit_price <= limited_lines.price_limit + tolerance.value then 'clear'
            when fee_lines.net_amount <= (limited_lines.price_limit + tolerance.value) * fee_lines.net_qty
                then 'package_price'
            when departments.dept_name like '%特需%' then 'special_need_ward'
            when
                fee_lines.item_kind = 'service'
                and {{ days_between('patients.birth_date', 'fee_lines.service_date') }} < (child_age.value + 1) * 365.25
                and fee_lines.unit_price
                <= limited_lines.price_limit * (1 + child_surcharge.value) + tolerance.value
                then 'child_surcharge'
            when fee_lines.unit_price <= limited_lines.earlier_limit + tolerance.value then 'price_change'
            else 'fired'
        end as verdict
    from fee_lines
    left join organisations on organisations.org_code = fee_lines.org_code
    left join levels_with_limits on levels_with_limits.hosp_lv = organisations.org_level
    left join limited_lines
        on limited_lines.org_code = fee_lines.org_code and limited_lines.fee_id = fee_lines.fee_id
    left join departments
        on departments.org_code = fee_lines.org_code and departments.dept_code = fee_lines.dept_code
    left join patients
        on patients.org_code = fee_lines.org_code and patients.patient_id = fee_lines.patient_id
    {{ threshold_join('tolerance', 'BL03', 'price_tolerance', 'fee_lines.org_code', 'fee_lines.service_month') }}
    {{ threshold_join('child_age', 'BL03', 'child_age', 'fee_lines.org_code', 'fee_lines.service_month') }}
    {{ threshold_join('child_surcharge', 'BL03', 'child_surcharge', 'fee_lines.org_code', 'fee_lines.service_month') }}
),

outcomes as (
    select
        judged_lines.*,
        {{ outcome_of('verdict', ['missing_org_level', 'missing_price_limit', 'missing_national_code']) }} as outcome
    from judged_lines
    where verdict <> 'no_limit'
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', 'line.overcharge') }}
),

item_months as (
    {{
        subject_months('outcomes', {
            'threshold': "max(price_limit)",
            'deviation': "max(case when outcome = 'fired' then unit_price / nullif(price_limit, 0) - 1 end)",
        })
    }}
),

with_evidence as (
    {{ with_evidence('item_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL03', '1.0.0', "'charge_item'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=['dept_code', 'doctor_code', 'expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
