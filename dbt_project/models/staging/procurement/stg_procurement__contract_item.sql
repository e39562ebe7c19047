-- Grain: one line of a contract; a framework has neither quantity nor amount. Source: land.pr_contract_item.
with latest as (
    {{ latest_version('pr_contract_item', ['contract_id', 'line_no']) }}
),

typed as (
    select
        org_code,
        contract_id,
        line_no,
        item_kind,
        nullif(trim(item_code), '') as item_code,
        nullif(trim(category_code), '') as category_code,
        cast(qty as numeric(18, 4)) as qty,
        cast(amount as numeric(18, 2)) as amount,
        _batch_id as batch_id
    from latest
)

select * from typed
