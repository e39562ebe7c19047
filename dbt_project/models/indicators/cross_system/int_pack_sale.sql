-- Grain: one trace code on one reported sale, with what happened to the code before, at whatever organisation.
-- Rule: sales are numbered by time; what had been returned until then gives as many sales back. `sold_qty` is all that was
-- sold under the code until then, this sale included, less returns. Sales at one moment follow in the order of their
-- organisation and number.
-- Source: core.fct_pack_sold.
with packs as (
    select * from {{ ref('fct_pack_sold') }}
),

-- Few codes have more than one row; the others are not numbered.
repeated as (
    select trace_code
    from packs
    where qty_min_unit > 0
    group by trace_code
    having count(*) > 1
),

numbered as (
    select
        packs.org_code,
        packs.sel_id,
        packs.trace_code,
        sum(case when packs.qty_min_unit > 0 then 1 else 0 end) over (
            partition by packs.trace_code
            order by packs.sold_at, packs.org_code, packs.sel_id
            rows between unbounded preceding and current row
        ) as sale_no,
        sum(case when packs.qty_min_unit < 0 then 1 else 0 end) over (
            partition by packs.trace_code
            order by packs.sold_at, packs.org_code, packs.sel_id
            rows between unbounded preceding and current row
        ) as returned_before,
        sum(packs.qty_min_unit) over (
            partition by packs.trace_code
            order by packs.sold_at, packs.org_code, packs.sel_id
            rows between unbounded preceding and current row
        ) as sold_qty,
        lag(packs.mdtrt_id) over (
            partition by packs.trace_code
            order by packs.sold_at, packs.org_code, packs.sel_id
        ) as earlier_mdtrt_id
    from packs
    inner join repeated on repeated.trace_code = packs.trace_code
),

sales as (
    select
        packs.org_code,
        packs.sel_id,
        packs.trace_code,
        packs.item_code,
        packs.mdtrt_id,
        packs.qty_min_unit,
        packs.min_unit_price,
        packs.sale_month,
        packs.is_well_formed,
        cast(coalesce(numbered.sale_no, 1) as integer) as sale_no,
        cast(coalesce(numbered.returned_before, 0) as integer) as returned_before,
        cast(coalesce(numbered.sold_qty, packs.qty_min_unit) as numeric(18, 4)) as sold_qty,
        coalesce(numbered.earlier_mdtrt_id = packs.mdtrt_id, false) as is_same_encounter
    from packs
    left join numbered
        on
            numbered.org_code = packs.org_code
            and numbered.sel_id = packs.sel_id
            and numbered.trace_code = packs.trace_code
    where packs.qty_min_unit > 0
)

select * from sales
