-- Grain: one organisation, drug or material and month in which it was billed.
-- Rule: lines in smallest units, less what was taken back in the month, whenever it had been billed; lines whose unit is
-- neither the pack nor the smallest unit are counted and not added. One pass over the fee lines, for all that compares
-- goods with stores.
-- Source: core.fct_fee_line, core.fct_goods_returned, core.dim_item.
with lines as (
    select
        org_code,
        item_kind,
        item_code,
        service_month,
        unit,
        net_qty,
        cast(net_amount * 100 as bigint) as cents
    from {{ ref('fct_fee_line') }}
    where item_kind in ('drug', 'material')
),

-- Few rows are left when the units are looked up.
net as (
    select
        org_code,
        item_kind,
        item_code,
        service_month,
        unit,
        count(*) as line_count,
        sum(net_qty) as qty,
        sum(cents) as cents
    from lines
    group by org_code, item_kind, item_code, service_month, unit
),

-- From the month of the line, where it was taken off, to that of the return.
moved as (
    select
        org_code,
        item_kind,
        item_code,
        service_month,
        unit,
        0 as line_count,
        -qty as qty,
        cast(-amount * 100 as bigint) as cents
    from {{ ref('fct_goods_returned') }}
    union all
    select
        org_code,
        item_kind,
        item_code,
        return_month as service_month,
        unit,
        0 as line_count,
        qty,
        cast(amount * 100 as bigint) as cents
    from {{ ref('fct_goods_returned') }}
),

by_unit as (
    select * from net
    union all
    select * from moved
),

converted as (
    select
        by_unit.*,
        {{ to_smallest_unit('by_unit.qty', 'by_unit.unit', 'items.pack_unit', 'items.charge_unit', 'items.pack_ratio') }}
            as min_qty
    from by_unit
    left join {{ ref('dim_item') }} as items
        on
            items.org_code = by_unit.org_code
            and items.item_kind = by_unit.item_kind
            and items.item_code = by_unit.item_code
),

months as (
    select
        org_code,
        item_kind,
        item_code,
        service_month,
        cast(sum(line_count) as bigint) as line_count,
        cast(sum(case when min_qty is null then line_count else 0 end) as bigint) as unknown_unit_lines,
        cast(coalesce(sum(min_qty), 0) as numeric(18, 4)) as qty_min_unit,
        cast(sum(case when min_qty is not null then cents else 0 end) / 100.0 as numeric(18, 2)) as amount
    from converted
    group by org_code, item_kind, item_code, service_month
)

select * from months
