-- Grain: one receipt line; a supplier return has negative quantity. Source: land.pr_receipt.
with latest as (
    {{ latest_version('pr_receipt', ['receipt_id', 'line_no']) }}
),

typed as (
    select
        org_code,
        receipt_id,
        line_no,
        receipt_time,
        order_id,
        order_line_no,
        supplier_code,
        item_kind,
        item_code,
        cast(qty_min_unit as numeric(18, 4)) as qty_min_unit,
        cast(unit_price as numeric(18, 6)) as unit_price,
        cast(amount as numeric(18, 2)) as amount,
        nullif(trim(acceptor_code), '') as acceptor_code,
        nullif(trim(keeper_code), '') as keeper_code,
        nullif(trim(invoice_no), '') as invoice_no,
        cast(qty as numeric(18, 4)) as qty,
        store_code,
        nullif(trim(batch_no), '') as batch_no,
        nullif(trim(udi), '') as udi,
        coalesce(is_gift, false) as is_gift,
        coalesce(is_consignment, false) as is_consignment,
        _batch_id as batch_id
    from latest
)

select * from typed
