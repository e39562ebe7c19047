-- Grain: one line of a contract; a framework's lines agree on prices and have neither quantity nor amount.
with lines as (
    select * from {{ ref('stg_procurement__contract_item') }}
)

select * from lines
