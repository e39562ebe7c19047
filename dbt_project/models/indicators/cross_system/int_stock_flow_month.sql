-- Grain: one organisation, drug or material that can be billed, and month in which stores report or it was billed.
-- Rule: used is what the month's balances leave unexplained: opening plus all that came and went other than by use
-- (purchases, returns to suppliers, transfers, losses, counts) less closing, over all stores and in smallest units, so
-- that transfers within the hospital cancel out. Reagents and what is used without a charge are left out, also where it
-- was billed and taken back. `outside_qty` is consigned goods that never went through the stores, `later_outside_qty`
-- those of the month after beyond what that month billed of them, since their papers follow the use. `earlier_gap` and
-- `later_gap` are the gaps of the months before and after, as far as they can be judged; `pending_qty` is a consigned
-- item's gap in a month whose next one the stores have not sent. `held_qty` is what fee lines of the item in quarantine
-- bill, `held_lines` those of which item or quantity is unknown. Consigned goods lie in the house before a book knows
-- them: what a book opens with is known after their first count, not in the month of it.
-- Source: core.fct_stock_month, core.fct_stock_move, core.fct_goods_received, core.fct_goods_billed_month,
-- core.source_availability, core.fct_held_goods_month.
with balances as (
    select
        org_code,
        item_kind,
        item_code,
        month_start,
        sum(opening_qty) as opening_qty,
        sum(closing_qty) as closing_qty,
        max(case when counted_qty is not null then 1 else 0 end) as is_counted
    from {{ ref('fct_stock_month') }}
    group by org_code, item_kind, item_code, month_start
),

moves as (
    select
        org_code,
        item_kind,
        item_code,
        move_month,
        sum(case when not is_use then qty_min_unit else 0 end) as other_qty,
        sum(case when move_kind = 'purchase' then qty_min_unit else 0 end) as purchased_qty
    from {{ ref('fct_stock_move') }}
    group by org_code, item_kind, item_code, move_month
),

-- What was ordered in the same month went through the stores and is no consignment.
consigned as (
    select
        org_code,
        item_kind,
        item_code,
        receipt_month,
        sum(case when qty_min_unit > 0 then qty_min_unit else 0 end) as received_qty,
        sum(case when is_consignment then qty_min_unit else 0 end) as consigned_qty
    from {{ ref('fct_goods_received') }}
    group by org_code, item_kind, item_code, receipt_month
    having max(case when is_consignment then 1 else 0 end) = 1
),

consigned_items as (
    select distinct
        org_code,
        item_kind,
        item_code
    from consigned
),

first_counts as (
    select
        org_code,
        item_kind,
        item_code,
        min(month_start) as first_count_month
    from balances
    where is_counted = 1
    group by org_code, item_kind, item_code
),

stock_months as (
    select distinct
        org_code,
        month_start
    from balances
),

sent_months as (
    select
        org_code,
        month_start,
        max(case when table_name = 'pr_stock_move' then 1 else 0 end) as has_moves,
        max(case when table_name = 'his_fee' then 1 else 0 end) as has_fees
    from {{ ref('source_availability') }}
    where table_name in ('pr_stock_move', 'his_fee')
    group by org_code, month_start
),

held as (
    select * from {{ ref('fct_held_goods_month') }}
),

months as (
    select
        coalesce(balances.org_code, billed.org_code) as org_code,
        coalesce(balances.item_kind, billed.item_kind) as item_kind,
        coalesce(balances.item_code, billed.item_code) as item_code,
        coalesce(balances.month_start, billed.service_month) as month_start,
        coalesce(balances.opening_qty, 0) as opening_qty,
        coalesce(balances.closing_qty, 0) as closing_qty,
        coalesce(billed.qty_min_unit, 0) as billed_qty,
        coalesce(billed.line_count, 0) as line_count,
        coalesce(billed.unknown_unit_lines, 0) as unknown_unit_lines
    from balances
    full outer join {{ ref('fct_goods_billed_month') }} as billed
        on
            billed.org_code = balances.org_code
            and billed.item_kind = balances.item_kind
            and billed.item_code = balances.item_code
            and billed.service_month = balances.month_start
),

flows as (
    select
        months.*,
        items.charge_price,
        items.charge_unit,
        items.pack_unit,
        coalesce(items.pack_ratio, 1) as pack_ratio,
        case
            when materials.is_traced then 'implant'
            when months.item_kind = 'material' then 'material'
            when drugs.drug_class = 'herb_piece' then 'herb_piece'
            else 'drug'
        end as goods_class,
        months.opening_qty + coalesce(moves.other_qty, 0) - months.closing_qty as used_qty,
        case
            when consigned.received_qty is not null
                then greatest(
                    0, least(consigned.consigned_qty, consigned.received_qty - coalesce(moves.purchased_qty, 0))
                )
            else 0
        end as outside_qty,
        case
            when consigned_items.item_code is not null then first_counts.first_count_month < months.month_start
            else first_counts.first_count_month <= months.month_start
        end as is_counted,
        stock_months.month_start is not null as has_stock,
        coalesce(sent_months.has_moves, 0) = 1 as has_moves,
        coalesce(sent_months.has_fees, 0) = 1 as has_fees,
        consigned_items.item_code is not null and next_months.month_start is null as is_pending,
        coalesce(held.qty_min_unit, 0) as held_qty,
        coalesce(held.unmeasured_lines, 0) + coalesce(unnamed.unmeasured_lines, 0) as held_lines
    from months
    left join moves
        on
            moves.org_code = months.org_code
            and moves.item_kind = months.item_kind
            and moves.item_code = months.item_code
            and moves.move_month = months.month_start
    left join consigned
        on
            consigned.org_code = months.org_code
            and consigned.item_kind = months.item_kind
            and consigned.item_code = months.item_code
            and consigned.receipt_month = months.month_start
    left join consigned_items
        on
            consigned_items.org_code = months.org_code
            and consigned_items.item_kind = months.item_kind
            and consigned_items.item_code = months.item_code
    left join first_counts
        on
            first_counts.org_code = months.org_code
            and first_counts.item_kind = months.item_kind
            and first_counts.item_code = months.item_code
    left join stock_months
        on
            stock_months.org_code = months.org_code
            and stock_months.month_start = months.month_start
    left join stock_months as next_months
        on
            next_months.org_code = months.org_code
            and next_months.month_start = {{ add_months('months.month_start', 1) }}
    left join sent_months
        on
            sent_months.org_code = months.org_code
            and sent_months.month_start = months.month_start
    left join held
        on
            held.org_code = months.org_code
            and held.item_kind = months.item_kind
            and held.item_code = months.item_code
            and held.month_start = months.month_start
    left join held as unnamed
        on
            unnamed.org_code = months.org_code
            and unnamed.item_kind = months.item_kind
            and unnamed.item_code is null
            and unnamed.month_start = months.month_start
    left join {{ ref('dim_item') }} as items
        on
            items.org_code = months.org_code
            and items.item_kind = months.item_kind
            and items.item_code = months.item_code
    left join {{ ref('dim_material') }} as materials
        on
            materials.org_code = months.org_code
            and materials.material_code = months.item_code
            and months.item_kind = 'material'
    left join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = months.org_code
            and drugs.drug_code = months.item_code
            and months.item_kind = 'drug'
    where coalesce(materials.is_billable and not materials.is_reagent, true)
),

compared as (
    select
        org_code,
        item_code || '|' || item_kind as subject_id,
        item_kind,
        item_code,
        month_start,
        goods_class,
        charge_price,
        charge_unit,
        pack_unit,
        pack_ratio,
        cast(used_qty as numeric(18, 4)) as used_qty,
        cast(billed_qty as numeric(18, 4)) as billed_qty,
        cast(outside_qty as numeric(18, 4)) as outside_qty,
        cast(billed_qty - used_qty as numeric(18, 4)) as gap,
        line_count,
        is_pending,
        cast(held_qty as numeric(18, 4)) as held_qty,
        cast(held_lines as bigint) as held_lines,
        case
            when not has_stock then 'missing_stock'
            when not has_moves then 'missing_stock_moves'
            when not has_fees then 'missing_fees'
            when unknown_unit_lines > 0 then 'missing_unit'
            when not coalesce(is_counted, false) then 'missing_stock_count'
        end as missing_input
    from flows
),

known as (
    select
        compared.*,
        case when missing_input is null then gap else 0 end as known_gap,
        greatest(0, outside_qty - greatest(0, gap)) as spare_qty,
        lag(month_start) over (partition by org_code, subject_id order by month_start)
        = {{ add_months('month_start', -1) }} as has_earlier,
        lead(month_start) over (partition by org_code, subject_id order by month_start)
        = {{ add_months('month_start', 1) }} as has_later
    from compared
),

beside as (
    select
        known.*,
        case
            when has_earlier then lag(known_gap) over (partition by org_code, subject_id order by month_start) else 0
        end as earlier_gap,
        case
            when has_later then lead(known_gap) over (partition by org_code, subject_id order by month_start) else 0
        end as later_gap,
        case
            when has_later then lead(spare_qty) over (partition by org_code, subject_id order by month_start) else 0
        end as later_outside_qty
    from known
),

with_neighbours as (
    select
        org_code,
        subject_id,
        item_kind,
        item_code,
        month_start,
        goods_class,
        charge_price,
        charge_unit,
        pack_unit,
        pack_ratio,
        used_qty,
        billed_qty,
        outside_qty,
        cast(later_outside_qty as numeric(18, 4)) as later_outside_qty,
        gap,
        cast(earlier_gap as numeric(18, 4)) as earlier_gap,
        cast(later_gap as numeric(18, 4)) as later_gap,
        cast(case when is_pending and gap > 0 then gap else 0 end as numeric(18, 4)) as pending_qty,
        held_qty,
        held_lines,
        line_count,
        missing_input
    from beside
)

select * from with_neighbours
