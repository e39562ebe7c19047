-- Grain: one organisation, drug or material and month with fee lines in quarantine; without item_code those of which
-- nobody can tell the item.
-- Rule: a line without the hospital's code is looked up by the national one, and counts for each item that has it; one
-- whose kind is unknown counts as both. It counts in the month of its service, else of its posting, else of the run that
-- brought it. What the source has sent again and passed is held no more. `unmeasured_lines` have no quantity in a known unit.
-- Source: staging.stg_ops__held_fee, staging.stg_ops__batch, core.fct_fee_line, core.dim_item, core.org_month.
with held as (
    select
        lines.*,
        batches.run_month
    from {{ ref('stg_ops__held_fee') }} as lines
    inner join {{ ref('stg_ops__batch') }} as batches on batches.batch_id = lines.batch_id
    left join {{ ref('fct_fee_line') }} as passed
        on
            passed.org_code = lines.org_code
            and passed.fee_id = lines.fee_id
    where passed.fee_id is null and (lines.item_kind is null or lines.item_kind <> 'service')
),

months as (
    select
        org_code,
        month_start,
        substring({{ as_text('month_start') }}, 1, 7) as month_text
    from {{ ref('org_month') }}
),

by_kind as (
    select
        held.org_code,
        held.batch_id,
        held.row_number,
        kinds.item_kind,
        held.item_code,
        held.med_list_codg,
        held.unit,
        held.qty,
        coalesce(serviced.month_start, posted.month_start, held.run_month) as month_start
    from held
    inner join (values ('drug'), ('material')) as kinds (item_kind)
        on kinds.item_kind = coalesce(held.item_kind, kinds.item_kind)
    left join months as serviced
        on
            serviced.org_code = held.org_code
            and serviced.month_text = held.fee_month
    left join months as posted
        on
            posted.org_code = held.org_code
            and posted.month_text = held.post_month
),

named as (
    select
        by_kind.org_code,
        by_kind.item_kind,
        coalesce(by_kind.item_code, items.item_code) as item_code,
        by_kind.month_start,
        {{
            to_smallest_unit('by_kind.qty', 'by_kind.unit', 'items.pack_unit', 'items.charge_unit', 'items.pack_ratio')
        }} as min_qty
    from by_kind
    left join {{ ref('dim_item') }} as items
        on
            items.org_code = by_kind.org_code
            and items.item_kind = by_kind.item_kind
            and (
                items.item_code = by_kind.item_code
                or (by_kind.item_code is null and items.med_list_codg = by_kind.med_list_codg)
            )
),

goods as (
    select
        org_code,
        item_kind,
        item_code,
        month_start,
        cast(count(*) as bigint) as line_count,
        cast(sum(case when item_code is null or min_qty is null then 1 else 0 end) as bigint) as unmeasured_lines,
        cast(sum(case when item_code is not null then coalesce(min_qty, 0) else 0 end) as numeric(18, 4)) as qty_min_unit
    from named
    group by org_code, item_kind, item_code, month_start
)

select * from goods
