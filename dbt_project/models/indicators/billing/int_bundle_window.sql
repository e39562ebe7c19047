-- Grain: one package, encounter and window (day or operation) in which some of its components were billed.
-- Rule: what counts as parts are different components, or units of one service. The package is owed once, of
-- components as often as the one billed most often, so that care given twice is no excess. Its price is that of the
-- hospital's own catalogue. A window in which the package itself was billed is not split.
-- Source: int_bundle_line, core.fct_fee_line, core.dim_charge_bundle, core.dim_charge_package.
with component_totals as (
    select
        org_code,
        parent_code,
        bundle_kind,
        window_kind,
        encounter_type,
        encounter_id,
        window_key,
        component_code,
        min(service_month) as service_month,
        max(min_components) as min_components,
        sum(net_qty) as net_qty,
        sum(net_amount) as net_amount
    from {{ ref('int_bundle_line') }}
    group by
        org_code, parent_code, bundle_kind, window_kind, encounter_type, encounter_id, window_key, component_code
),

windows as (
    select
        org_code,
        parent_code,
        bundle_kind,
        window_kind,
        encounter_type,
        encounter_id,
        window_key,
        min(service_month) as service_month,
        max(min_components) as min_components,
        cast(case bundle_kind when 'units' then sum(net_qty) else count(*) end as numeric(18, 4)) as part_count,
        case bundle_kind when 'units' then 1 else ceiling(max(net_qty)) end as package_count,
        cast(sum(net_amount) as numeric(18, 2)) as amount
    from component_totals
    group by org_code, parent_code, bundle_kind, window_kind, encounter_type, encounter_id, window_key
),

packages as (
    select distinct parent_code from {{ ref('dim_charge_bundle') }}
),

billed_packages as (
    select distinct
        fee_lines.org_code,
        packages.parent_code,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        {{ as_text('fee_lines.service_date') }} as service_day,
        fee_lines.surgery_id
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join packages on fee_lines.med_list_codg = packages.parent_code
),

packaged_windows as (
    select distinct
        windows.org_code,
        windows.parent_code,
        windows.encounter_type,
        windows.encounter_id,
        windows.window_kind,
        windows.window_key
    from windows
    inner join billed_packages
        on
            windows.org_code = billed_packages.org_code
            and windows.parent_code = billed_packages.parent_code
            and windows.encounter_type = billed_packages.encounter_type
            and windows.encounter_id = billed_packages.encounter_id
            and windows.window_key = case windows.window_kind
                when 'surgery' then coalesce(billed_packages.surgery_id, windows.window_key)
                else billed_packages.service_day
            end
),

prices as (
    select * from {{ ref('dim_charge_package') }}
),

priced as (
    select
        windows.*,
        coalesce(prices.item_code, windows.parent_code) as item_code,
        prices.package_price,
        cast(prices.package_price * windows.package_count as numeric(18, 2)) as package_amount,
        packaged_windows.org_code is not null as is_packaged
    from windows
    left join packaged_windows
        on
            windows.org_code = packaged_windows.org_code
            and windows.parent_code = packaged_windows.parent_code
            and windows.encounter_type = packaged_windows.encounter_type
            and windows.encounter_id = packaged_windows.encounter_id
            and windows.window_kind = packaged_windows.window_kind
            and windows.window_key = packaged_windows.window_key
    left join prices
        on
            windows.org_code = prices.org_code
            and windows.parent_code = prices.parent_code
),

judged as (
    select
        priced.*,
        case
            when is_packaged or part_count < min_components then 'clear'
            when package_price is null then 'missing_package_price'
            when amount <= package_amount then 'clear'
            when window_kind = 'surgery' and window_key = '' then 'missing_operation'
            else 'split'
        end as verdict
    from priced
)

select * from judged
