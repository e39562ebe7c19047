-- Grain: one fee line of a package that was billed in parts, with what of it goes beyond the price of the package.
-- Rule: on one day, components ordered further apart than BL04.order_gap_hours are separate occasions, and each is
-- judged by itself; where no occasion alone makes up a package that costs more in parts, the day is
-- ordered_separately. Lines without an order cannot be told apart. The excess is what goes beyond the price of the
-- package, put down to the lines in order of time.
-- Source: int_bundle_window, int_bundle_line, core.fct_ward_order.
{% set window = 'org_code, parent_code, bundle_kind, window_kind, encounter_type, encounter_id, window_key' %}

with lines as (
    select
        component_lines.*,
        windows.item_code,
        windows.service_month as window_month,
        windows.package_price,
        windows.package_amount,
        orders.start_time as order_time
    from {{ ref('int_bundle_line') }} as component_lines
    inner join {{ ref('int_bundle_window') }} as windows
        on
            component_lines.org_code = windows.org_code
            and component_lines.parent_code = windows.parent_code
            and component_lines.bundle_kind = windows.bundle_kind
            and component_lines.window_kind = windows.window_kind
            and component_lines.encounter_type = windows.encounter_type
            and component_lines.encounter_id = windows.encounter_id
            and component_lines.window_key = windows.window_key
    left join {{ ref('fct_ward_order') }} as orders
        on
            component_lines.org_code = orders.org_code
            and component_lines.order_id = orders.order_id
            and component_lines.window_kind = 'day'
    where windows.verdict = 'split'
),

preceded as (
    select
        lines.*,
        lag(order_time) over (partition by {{ window }} order by order_time nulls first, fee_id) as previous_order_time
    from lines
),

begun as (
    select
        preceded.*,
        case
            when preceded.order_time > {{ add_hours('preceded.previous_order_time', 'gap.value') }} then 1
            else 0
        end as begins_occasion
    from preceded
    {{ threshold_join('gap', 'BL04', 'order_gap_hours', 'preceded.org_code', 'preceded.window_month') }}
),

occasion_lines as (
    select
        begun.*,
        sum(begins_occasion) over (
            partition by {{ window }}
            order by order_time nulls first, fee_id
            rows between unbounded preceding and current row
        ) as occasion
    from begun
),

occasion_components as (
    select
        {{ window }},
        occasion,
        component_code,
        max(min_components) as min_components,
        max(package_price) as package_price,
        sum(net_qty) as net_qty,
        sum(net_amount) as net_amount
    from occasion_lines
    group by {{ window }}, occasion, component_code
),

occasions as (
    select
        {{ window }},
        occasion,
        max(min_components) as min_components,
        case bundle_kind when 'units' then sum(net_qty) else count(*) end as part_count,
        sum(net_amount) as amount,
        cast(
            max(package_price) * case bundle_kind when 'units' then 1 else ceiling(max(net_qty)) end as numeric(18, 2)
        ) as package_amount
    from occasion_components
    group by {{ window }}, occasion
),

judged_occasions as (
    select
        occasions.*,
        case when part_count >= min_components and amount > package_amount then 1 else 0 end as is_split
    from occasions
),

found as (
    select
        judged_occasions.*,
        max(is_split) over (partition by {{ window }}) as some_split
    from judged_occasions
),

-- The occasions that are packages in parts, or where none is one, the window as a whole.

judged_lines as (
    select
        occasion_lines.org_code,
        occasion_lines.parent_code,
        occasion_lines.bundle_kind,
        occasion_lines.window_kind,
        occasion_lines.encounter_type,
        occasion_lines.encounter_id,
        occasion_lines.window_key,
        occasion_lines.item_code,
        occasion_lines.window_month,
        occasion_lines.fee_id,
        occasion_lines.fee_time,
        occasion_lines.net_amount,
        case when found.is_split = 1 then occasion_lines.occasion end as occasion,
        case when found.is_split = 1 then found.package_amount else occasion_lines.package_amount end as package_amount,
        case when found.is_split = 1 then 'fired' else 'ordered_separately' end as verdict
    from occasion_lines
    inner join found
        on
            occasion_lines.org_code = found.org_code
            and occasion_lines.parent_code = found.parent_code
            and occasion_lines.bundle_kind = found.bundle_kind
            and occasion_lines.window_kind = found.window_kind
            and occasion_lines.encounter_type = found.encounter_type
            and occasion_lines.encounter_id = found.encounter_id
            and occasion_lines.window_key = found.window_key
            and occasion_lines.occasion = found.occasion
    where found.is_split = found.some_split
),

summed as (
    select
        judged_lines.*,
        sum(net_amount) over (
            partition by {{ window }}, occasion
            order by fee_time, fee_id
            rows between unbounded preceding and current row
        ) as running_amount
    from judged_lines
),

excess as (
    select
        org_code,
        parent_code,
        bundle_kind,
        window_kind,
        encounter_type,
        encounter_id,
        window_key,
        item_code,
        window_month,
        fee_id,
        verdict,
        cast(greatest(0, least(net_amount, running_amount - package_amount)) as numeric(18, 2)) as excess
    from summed
)

select * from excess
