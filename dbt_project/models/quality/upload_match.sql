-- Grain: one organisation, department and month of HIS fee lines that were to be uploaded.
-- Rule: a line is matched where the insurance has its serial number. Lines within the upload grace are not due,
-- those of a month without any insurance line cannot be judged.
-- Source: indicators.int_charge_pair, core.source_availability.
with lines as (
    select
        pairs.org_code,
        pairs.dept_code,
        {{ month_of('pairs.his_date') }} as service_month,
        pairs.fee_id,
        pairs.his_amount,
        case
            when pairs.fee_serial is not null then 'matched'
            when availability.org_code is null then 'missing_table:yb_fee_list_d'
            when {{ days_between('pairs.his_date', detect_date()) }} < grace.value then 'within_upload_grace'
            else 'unmatched'
        end as outcome
    from {{ ref('int_charge_pair') }} as pairs
    left join {{ ref('source_availability') }} as availability
        on
            pairs.org_code = availability.org_code
            and availability.table_name = 'yb_fee_list_d'
            and availability.month_start = {{ month_of('pairs.his_date') }}
    {{ threshold_join('grace', 'XS01', 'upload_grace_days', 'pairs.org_code', month_of('pairs.his_date')) }}
    where pairs.fee_id is not null
),

matched as (
    select
        org_code,
        coalesce(dept_code, '') as dept_code,
        service_month,
        outcome,
        count(*) as line_count,
        cast(sum(his_amount) as numeric(18, 2)) as amount,
        min(fee_id) as example_key
    from lines
    group by org_code, coalesce(dept_code, ''), service_month, outcome
)

select * from matched
