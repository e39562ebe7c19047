-- Grain: one fee line of a component of a package, in the window in which its components count as together: one
-- encounter and day, or one operation.
-- Rule: a package in force on the day of service; window_key is the day or the operation, empty where a line of a
-- package by operation names none.
-- Source: core.fct_fee_line, core.dim_charge_bundle.
with bundles as (
    select * from {{ ref('dim_charge_bundle') }}
),

component_lines as (
    select
        fee_lines.org_code,
        bundles.parent_code,
        bundles.bundle_kind,
        bundles.window_kind,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        case
            when bundles.window_kind = 'surgery' then coalesce(fee_lines.surgery_id, '')
            else {{ as_text('fee_lines.service_date') }}
        end as window_key,
        fee_lines.fee_id,
        bundles.component_code,
        fee_lines.order_id,
        fee_lines.fee_time,
        fee_lines.service_month,
        fee_lines.net_qty,
        fee_lines.net_amount,
        max(bundles.min_components) as min_components
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join bundles
        on
            fee_lines.med_list_codg = bundles.component_code
            and fee_lines.service_date between bundles.valid_from and bundles.valid_to
            and (bundles.org_code = '*' or fee_lines.org_code = bundles.org_code)
    group by
        fee_lines.org_code,
        bundles.parent_code,
        bundles.bundle_kind,
        bundles.window_kind,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        fee_lines.surgery_id,
        fee_lines.service_date,
        fee_lines.fee_id,
        bundles.component_code,
        fee_lines.order_id,
        fee_lines.fee_time,
        fee_lines.service_month,
        fee_lines.net_qty,
        fee_lines.net_amount
)

select * from component_lines
