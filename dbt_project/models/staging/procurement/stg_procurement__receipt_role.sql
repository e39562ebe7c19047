-- Grain: one receipt line and who accepted and keeps the goods; a supplier return is left out. Source: land.pr_receipt.
with latest as (
    {{ latest_version('pr_receipt', ['receipt_id', 'line_no']) }}
),

typed as (
    select
        org_code,
        receipt_id,
        line_no,
        order_id,
        nullif(trim(acceptor_code), '') as acceptor_code,
        nullif(trim(keeper_code), '') as keeper_code,
        _batch_id as batch_id
    from latest
    where qty > 0
)

select * from typed
