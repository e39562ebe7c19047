-- Grain: one organisation and month of the charge: HIS and insurance lines of insured encounters side by side.
-- Rule: amounts of int_charge_pair on either side; differences beyond rounding as XS01 classes them: A only in the insurance,
-- B only in the HIS, C in both with another amount, code or day, D totals of a settlement. A month that one side did not
-- deliver has a share of nothing: match_share is null there.
-- Source: int_charge_pair, int_charge_difference, core.source_availability.
with pairs as (
    select
        org_code,
        {{ month_of('event_date') }} as period_month,
        count(fee_id) as his_lines,
        count(fee_serial) as insurance_lines,
        count(case when fee_id is not null and fee_serial is not null then 1 end) as paired_lines,
        sum(his_amount) as his_amount,
        sum(insurance_amount) as insurance_amount
    from {{ ref('int_charge_pair') }}
    group by org_code, {{ month_of('event_date') }}
),

differences as (
    select
        org_code,
        {{ month_of('event_date') }} as period_month,
        sum(case when difference_class = 'A' then 1 else 0 end) as lines_a,
        sum(case when difference_class = 'A' then amount_at_risk else 0 end) as amount_a,
        sum(case when difference_class = 'B' then 1 else 0 end) as lines_b,
        sum(case when difference_class = 'B' then amount_at_risk else 0 end) as amount_b,
        sum(case when difference_class = 'C' then 1 else 0 end) as lines_c,
        sum(case when difference_class = 'C' then amount_at_risk else 0 end) as amount_c,
        sum(case when difference_class = 'D' then 1 else 0 end) as lines_d,
        sum(case when difference_class = 'D' then amount_at_risk else 0 end) as amount_d
    from {{ ref('int_charge_difference') }}
    group by org_code, {{ month_of('event_date') }}
),

delivered as (
    select
        org_code,
        month_start,
        max(case when table_name = 'his_fee' then 1 else 0 end) as has_his,
        max(case when table_name = 'yb_fee_list_d' then 1 else 0 end) as has_insurance
    from {{ ref('source_availability') }}
    where table_name in ('his_fee', 'yb_fee_list_d')
    group by org_code, month_start
),

typed as (
    select
        cast(pairs.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(organisations.org_level_zh as varchar(60)) as org_level_zh,
        cast(organisations.district_name as varchar(60)) as district_name,
        cast(pairs.period_month as date) as period_month,
        cast(pairs.his_lines as integer) as his_lines,
        cast(pairs.insurance_lines as integer) as insurance_lines,
        cast(pairs.paired_lines as integer) as paired_lines,
        cast(pairs.his_amount as numeric(18, 2)) as his_amount,
        cast(pairs.insurance_amount as numeric(18, 2)) as insurance_amount,
        cast(coalesce(differences.lines_a, 0) as integer) as lines_a,
        cast(coalesce(differences.amount_a, 0) as numeric(18, 2)) as amount_a,
        cast(coalesce(differences.lines_b, 0) as integer) as lines_b,
        cast(coalesce(differences.amount_b, 0) as numeric(18, 2)) as amount_b,
        cast(coalesce(differences.lines_c, 0) as integer) as lines_c,
        cast(coalesce(differences.amount_c, 0) as numeric(18, 2)) as amount_c,
        cast(coalesce(differences.lines_d, 0) as integer) as lines_d,
        cast(coalesce(differences.amount_d, 0) as numeric(18, 2)) as amount_d,
        cast(
            case
                when delivered.has_his = 1 and delivered.has_insurance = 1
                    then 1.0 * pairs.paired_lines / nullif(pairs.his_lines + pairs.insurance_lines - pairs.paired_lines, 0)
            end as numeric(9, 6)
        ) as match_share
    from pairs
    left join differences
        on
            pairs.org_code = differences.org_code
            and pairs.period_month = differences.period_month
    left join delivered
        on
            pairs.org_code = delivered.org_code
            and pairs.period_month = delivered.month_start
    left join {{ ref('organisation') }} as organisations on pairs.org_code = organisations.org_code
)

select * from typed
