-- Rule: no row is lost or doubled from the ledger through landing to core, unless left out for a stated reason; each row
-- that fails names the step, source and table, and between landing and core a key. What was loaded after the last
-- detection is not in core yet.
with lost as (
    {{ lost_keys() }}
),

told as (
    select
        balance.step,
        balance.source_id,
        balance.table_name,
        balance.org_code,
        nullif(balance.period_month, cast('0001-01-01' as date)) as period_month,
        balance.expected_rows,
        balance.found_rows,
        lost.example_key
    from {{ ref('row_balance') }} as balance
    left join lost
        on
            balance.step = 'present_to_core'
            and balance.table_name = lost.table_name
            and balance.org_code = lost.org_code
            and balance.period_month = lost.period_month
    where balance.step <> 'moved_since_detection'
)

select * from told
