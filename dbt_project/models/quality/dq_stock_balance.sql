-- Grain: identity DQ9 by organisation and month: each balance within its month, and from month to month.
-- Rule: opening plus in less out is closing (rows); what closed the month before opens this one (carry_over). A
-- balance that is missing in one of two neighbouring months counts as zero there; where the organisation sent no
-- balance of the month before, the carry cannot be judged.
-- Source: staging.stg_procurement__stock_month.
with balances as (
    select
        org_code,
        store_code,
        item_kind,
        item_code,
        batch_no,
        month_start as period_month,
        {{ add_months('month_start', 1) }} as next_month,
        opening_qty,
        closing_qty,
        opening_qty + in_qty - out_qty - closing_qty as difference
    from {{ ref('stg_procurement__stock_month') }}
),

months as (
    select distinct
        org_code,
        period_month,
        next_month
    from balances
),

within as (
    select
        balances.org_code,
        balances.period_month,
        balances.store_code || '/' || balances.item_code || '/' || balances.batch_no as row_key,
        abs(balances.difference) <= tolerance.value as holds
    from balances
    {{ threshold_join('tolerance', 'DQ9', 'tolerance', 'balances.org_code', 'balances.period_month') }}
),

neighbours as (
    select
        coalesce(later.org_code, earlier.org_code) as org_code,
        coalesce(later.period_month, earlier.next_month) as period_month,
        coalesce(later.store_code, earlier.store_code)
        || '/' || coalesce(later.item_code, earlier.item_code)
        || '/' || coalesce(later.batch_no, earlier.batch_no) as row_key,
        coalesce(later.opening_qty, 0) - coalesce(earlier.closing_qty, 0) as difference
    from balances as later
    full outer join balances as earlier
        on
            later.org_code = earlier.org_code
            and later.store_code = earlier.store_code
            and later.item_kind = earlier.item_kind
            and later.item_code = earlier.item_code
            and later.batch_no = earlier.batch_no
            and later.period_month = earlier.next_month
),

-- The month after the last one that was sent is not due.
carried as (
    select
        neighbours.org_code,
        neighbours.period_month,
        neighbours.row_key,
        case when before.org_code is not null then abs(neighbours.difference) <= tolerance.value end as holds
    from neighbours
    inner join months
        on
            neighbours.org_code = months.org_code
            and neighbours.period_month = months.period_month
    left join months as before
        on
            neighbours.org_code = before.org_code
            and neighbours.period_month = before.next_month
    {{ threshold_join('tolerance', 'DQ9', 'tolerance', 'neighbours.org_code', 'neighbours.period_month') }}
),

identity as (
    {{ identity_month('DQ9', 'pr_stock_month', 'within') }}
    union all
    {{
        identity_month('DQ9', 'pr_stock_month', 'carried', aspect='carry_over', reason="'no_previous_month'")
    }}
)

select * from identity
