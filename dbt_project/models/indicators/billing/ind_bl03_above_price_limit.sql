-- Grain: one organisation, charge item and month in which the item has a price limit.
-- Rule: BL03, unit price above the price limit of the day and hospital level (超标准收费, 条例 §38;
-- GZ10000102001). Where several limits hold the highest counts, so that a doubt is not a finding.
-- Source: core.fct_fee_line, core.dim_price_limit and the hospital's, ward's and patient's dimension.
with organisations as (
    select * from {{ ref('dim_organisation') }}
),

departments as (
    select * from {{ ref('dim_department') }}
),

patients as (
    select * from {{ ref('dim_patient') }}
),

levels_with_limits as (
    select distinct hosp_lv from {{ ref('dim_price_limit') }}
),

above_limit as (
    select * from {{ ref('int_price_limited_line') }}
    where unit_price > price_limit
),

judged_lines as (
    select
        above_limit.org_code,
        above_limit.fee_id,
        above_limit.item_code as subject_id,
        above_limit.service_month as period_start,
        1 as line_count,
        above_limit.unit_price,
        above_limit.price_limit,
        fee_lines.net_amount - above_limit.price_limit * fee_lines.net_qty as overcharge,
        case
            when above_limit.unit_price <= above_limit.price_limit + tolerance.value then 'clear'
            when fee_lines.net_amount <= (above_limit.price_limit + tolerance.value) * fee_lines.net_qty
                then 'package_price'
            when departments.dept_name like '%特需%' then 'special_need_ward'
            when
                fee_lines.item_kind = 'service'
                and {{ days_between('patients.birth_date', 'fee_lines.service_date') }} < (child_age.value + 1) * 365.25
                and above_limit.unit_price
                <= above_limit.price_limit * (1 + child_surcharge.value) + tolerance.value
                then 'child_surcharge'
            when above_limit.unit_price <= above_limit.earlier_limit + tolerance.value then 'price_change'
            else 'fired'
        end as verdict
    from above_limit
    inner join {{ ref('fct_fee_line') }} as fee_lines
        on fee_lines.org_code = above_limit.org_code and fee_lines.fee_id = above_limit.fee_id
    left join departments
        on departments.org_code = fee_lines.org_code and departments.dept_code = fee_lines.dept_code
    left join patients
        on patients.org_code = fee_lines.org_code and patients.patient_id = fee_lines.patient_id
    {{ threshold_join('tolerance', 'BL03', 'price_tolerance', 'fee_lines.org_code', 'fee_lines.service_month') }}
    {{ threshold_join('child_age', 'BL03', 'child_age', 'fee_lines.org_code', 'fee_lines.service_month') }}
    {{ threshold_join('child_surcharge', 'BL03', 'child_surcharge', 'fee_lines.org_code', 'fee_lines.service_month') }}
),

within_limit as (
    select
        org_code,
        item_code,
        service_month,
        count(*) as line_count,
        max(price_limit) as price_limit
    from {{ ref('int_price_limited_line') }}
    where unit_price <= price_limit
    group by org_code, item_code, service_month
),

-- What has no limit because the hospital's level or the item's code is unknown, or no limit is loaded.
unlimited_lines as (
    select
        fee_lines.org_code,
        fee_lines.item_code,
        fee_lines.service_month,
        case
            when organisations.org_level is null then 'missing_org_level'
            when levels_with_limits.hosp_lv is null then 'missing_price_limit'
            else 'missing_national_code'
        end as verdict,
        count(*) as line_count
    from {{ ref('fct_fee_line') }} as fee_lines
    left join organisations on organisations.org_code = fee_lines.org_code
    left join levels_with_limits on levels_with_limits.hosp_lv = organisations.org_level
    where fee_lines.med_list_codg is null or levels_with_limits.hosp_lv is null
    group by
        fee_lines.org_code,
        fee_lines.item_code,
        fee_lines.service_month,
        organisations.org_level,
        levels_with_limits.hosp_lv
),

judged as (
    select
        org_code,
        fee_id,
        subject_id,
        period_start,
        line_count,
        unit_price,
        price_limit,
        overcharge,
        verdict
    from judged_lines
    union all
    select
        org_code,
        null as fee_id,
        item_code as subject_id,
        service_month as period_start,
        line_count,
        null as unit_price,
        price_limit,
        null as overcharge,
        'clear' as verdict
    from within_limit
    union all
    select
        org_code,
        null as fee_id,
        item_code as subject_id,
        service_month as period_start,
        line_count,
        null as unit_price,
        null as price_limit,
        null as overcharge,
        verdict
    from unlimited_lines
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_org_level', 'missing_price_limit', 'missing_national_code']) }} as outcome
    from judged
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', 'line.overcharge') }}
),

item_months as (
    {{
        subject_months('outcomes', {
            'threshold': "max(price_limit)",
            'deviation': "max(case when outcome = 'fired' then unit_price / nullif(price_limit, 0) - 1 end)",
        }, n='sum(line_count)')
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
