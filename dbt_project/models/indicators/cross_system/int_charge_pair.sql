-- Grain: one line that was to be uploaded: HIS and insurance line of one serial number, or one of both.
-- Rule: a pair has moved where the insurance holds another item code or another day than the HIS.
-- difference is insurance less HIS; item_code and event_date are the insurance's, of the HIS where it has none.
-- Source: core.fct_fee_line, core.fct_insurance_line.
with fee_lines as (
    select * from {{ ref('fct_fee_line') }}
    where hi_mdtrt_id is not null and (feedetl_sn is not null or hi_uploaded)
),

insurance_lines as (
    select * from {{ ref('fct_insurance_line') }}
),

pairs as (
    select
        coalesce(insurance_lines.org_code, fee_lines.org_code) as org_code,
        coalesce(insurance_lines.mdtrt_id, fee_lines.hi_mdtrt_id) as mdtrt_id,
        fee_lines.fee_id,
        insurance_lines.fee_serial,
        coalesce(fee_lines.med_list_codg, '') as his_code,
        coalesce(insurance_lines.med_list_codg, '') as insurance_code,
        fee_lines.service_date as his_date,
        insurance_lines.service_date as insurance_date,
        coalesce(fee_lines.net_amount, 0) as his_amount,
        coalesce(insurance_lines.net_amount, 0) as insurance_amount,
        coalesce(insurance_lines.net_inscp_amount, 0) as inscp_amount,
        fee_lines.unit_price <> round(fee_lines.unit_price, 2) as price_is_fractional,
        fee_lines.dept_code,
        fee_lines.doctor_code
    from fee_lines
    full outer join insurance_lines
        on
            insurance_lines.org_code = fee_lines.org_code
            and insurance_lines.fee_serial = fee_lines.feedetl_sn
),

moved_pairs as (
    select
        pairs.*,
        case
            when fee_id is null or fee_serial is null then 'same'
            when his_code <> insurance_code then 'code'
            when his_date <> insurance_date then 'date'
            else 'same'
        end as moved
    from pairs
),

compared_pairs as (
    select
        moved_pairs.*,
        case when fee_serial is null then his_code else insurance_code end as item_code,
        coalesce(insurance_date, his_date) as event_date,
        cast(insurance_amount - his_amount as numeric(18, 2)) as difference
    from moved_pairs
)

select * from compared_pairs
