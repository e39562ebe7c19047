-- Grain: identity DQ14 by organisation, table and month.
-- Rule: the doctor of a line is on the hospital's staff list, by the HIS's code or the insurance's. A line that
-- names nobody cannot be judged. Lists are delivered whole, so that a person who left stays known.
-- Source: core.fct_fee_line, core.fct_prescription, core.fct_insurance_line, core.dim_doctor.
with named as (
    select
        'his_fee' as table_name,
        org_code,
        service_month as period_month,
        doctor_code,
        count(*) as line_count,
        min(fee_id) as row_key
    from {{ ref('fct_fee_line') }}
    group by org_code, service_month, doctor_code
    union all
    select
        'his_rx' as table_name,
        org_code,
        rx_month as period_month,
        doctor_code,
        count(*) as line_count,
        min(rx_id) as row_key
    from {{ ref('fct_prescription') }}
    group by org_code, rx_month, doctor_code
    union all
    select
        'yb_fee_list_d' as table_name,
        org_code,
        service_month as period_month,
        hi_doctor_code as doctor_code,
        count(*) as line_count,
        min(fee_serial) as row_key
    from {{ ref('fct_insurance_line') }}
    group by org_code, service_month, hi_doctor_code
),

staff as (
    select
        'his' as coded_by,
        org_code,
        doctor_code
    from {{ ref('dim_doctor') }}
    union
    select
        'insurance' as coded_by,
        org_code,
        hi_staff_code as doctor_code
    from {{ ref('dim_doctor') }}
    where hi_staff_code is not null
),

checked as (
    select
        named.table_name,
        named.org_code,
        named.period_month,
        named.row_key,
        named.line_count,
        case when coalesce(trim(named.doctor_code), '') <> '' then staff.doctor_code is not null end as holds
    from named
    left join staff
        on
            named.org_code = staff.org_code
            and named.doctor_code = staff.doctor_code
            and staff.coded_by = case named.table_name when 'yb_fee_list_d' then 'insurance' else 'his' end
),

identity as (
    {%- for table in ['his_fee', 'his_rx', 'yb_fee_list_d'] %}
    {{
        identity_month(
            'DQ14', table, "checked where table_name = '" ~ table ~ "'",
            weight='line_count', reason="'missing_doctor_code'",
        )
    }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from identity
