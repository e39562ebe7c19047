-- Grain: one organisation, department and month of HIS fee lines that were to be uploaded.
-- Rule: a line is matched where the insurance has its serial number. Lines within the upload grace are not due,
-- those of a month without any insurance line cannot be judged.
-- Source: indicators.int_charge_pair, core.source_availability.
with days as (
    select
        org_code,
        coalesce(dept_code, '') as dept_code,
        his_date,
        fee_serial is not null as is_matched,
        count(*) as line_count,
        sum(his_amount) as amount,
        min(fee_id) as example_key
    from {{ ref('int_charge_pair') }}
    where fee_id is not null
    group by org_code, coalesce(dept_code, ''), his_date, fee_serial is not null
),

judged_days as (
    select
        days.org_code,
        days.dept_code,
        {{ month_of('days.his_date') }} as service_month,
        days.line_count,
        days.amount,
        days.example_key,
        case
            when days.is_matched then 'matched'
            when availability.org_code is null then 'missing_table:yb_fee_list_d'
            when {{ days_between('days.his_date', detect_date()) }} < grace.value then 'within_upload_grace'
            else 'unmatched'
        end as outcome
    from days
    left join {{ ref('source_availability') }} as availability
        on
            days.org_code = availability.org_code
            and availability.table_name = 'yb_fee_list_d'
            and availability.month_start = {{ month_of('days.his_date') }}
    {{ threshold_join('grace', 'XS01', 'upload_grace_days', 'days.org_code', month_of('days.his_date')) }}
),

matched as (
    select
        org_code,
        dept_code,
        service_month,
        outcome,
        cast(sum(line_count) as bigint) as line_count,
        cast(sum(amount) as numeric(18, 2)) as amount,
        min(example_key) as example_key
    from judged_days
    group by org_code, dept_code, service_month, outcome
)

select * from matched
