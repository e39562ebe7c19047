-- Grain: one organisation, traced material and month in which it was billed or issued.
-- Rule: XS06, the papers of each piece do not match (PL-13, PL-14, PL-32 to PL-35): billed twice, billed and not issued,
-- billed and never delivered, delivered as a cheaper model, delivered on paper more than a week after its use, or issued
-- and not billed. A paper on which fewer than nine pieces in ten of the year were scanned proves nothing: `expected` is the
-- share that the bills of the hospital have. The last two classes have no money at risk and are yellow. A lot's
-- identification may be billed again; what was used in a hospital's first week, or may have lain in its stores before, has
-- papers of before.
-- Source: int_device_piece, core.fct_device_scan_month, core.fct_goods_received, core.fct_device_issued,
-- core.fct_device_received, core.fct_stock_month.
with pieces as (
    select
        pieces.*,
        row_number() over (
            partition by
                pieces.org_code, pieces.item_code, pieces.billing_no, case when pieces.receipt_time is null then 1 else 0 end
            order by pieces.event_time, pieces.row_key, pieces.udi
        ) as same_no
    from {{ ref('int_device_piece') }} as pieces
),

scanned as (
    select
        org_code,
        paper,
        cast(date_trunc('year', paper_month) as date) as year_start,
        sum(identified_count) / nullif(sum(piece_count), 0) as coverage
    from {{ ref('fct_device_scan_month') }}
    group by org_code, paper, cast(date_trunc('year', paper_month) as date)
),

issue_months as (
    select distinct
        org_code,
        dispense_month
    from {{ ref('fct_device_issued') }}
),

first_issues as (
    select
        org_code,
        cast(min(dispense_time) as date) as known_from
    from {{ ref('fct_device_issued') }}
    group by org_code
),

first_bills as (
    select
        org_code,
        cast(min(event_time) as date) as known_from
    from pieces
    where paper = 'his_fee'
    group by org_code
),

-- Papers may come a month later.
receipt_months as (
    select
        org_code,
        receipt_month as served_month
    from {{ ref('fct_device_received') }}
    union
    select
        org_code,
        cast({{ add_months('receipt_month', -1) }} as date) as served_month
    from {{ ref('fct_device_received') }}
),

-- Papers are known from the first to the last delivery of whatever goods.
delivery_days as (
    select
        org_code,
        cast(min(receipt_time) as date) as known_from,
        least(cast(max(receipt_time) as date), {{ detect_date() }}) as known_until
    from {{ ref('fct_goods_received') }}
    group by org_code
),

deliveries_as_set as (
    select distinct
        org_code,
        item_code,
        cast(receipt_time as date) as receipt_date
    from {{ ref('fct_goods_received') }}
    where item_kind = 'material' and is_consignment and udi is null and qty_min_unit > 0
),

-- As many pieces as lay in the stores when their book began may have been delivered before, unless they are consigned.
first_stocks as (
    select
        org_code,
        min(month_start) as first_month
    from {{ ref('fct_stock_month') }}
    group by org_code
),

consigned_items as (
    select distinct
        org_code,
        item_code
    from {{ ref('fct_goods_received') }}
    where item_kind = 'material' and is_consignment
),

stocked_before as (
    select
        balances.org_code,
        balances.item_code,
        sum(balances.opening_qty) as opening_qty
    from {{ ref('fct_stock_month') }} as balances
    inner join first_stocks
        on
            first_stocks.org_code = balances.org_code
            and first_stocks.first_month = balances.month_start
    left join consigned_items
        on
            consigned_items.org_code = balances.org_code
            and consigned_items.item_code = balances.item_code
    where balances.item_kind = 'material' and consigned_items.org_code is null
    group by balances.org_code, balances.item_code
),

delivered_as_set as (
    select distinct
        pieces.org_code,
        pieces.row_key
    from pieces
    inner join deliveries_as_set
        on
            deliveries_as_set.org_code = pieces.org_code
            and deliveries_as_set.item_code = pieces.item_code
    {{ threshold_join('late', 'XS06', 'late_days', 'pieces.org_code', 'pieces.event_month') }}
    where
        pieces.receipt_time is null
        and abs({{ days_between('pieces.event_time', 'deliveries_as_set.receipt_date') }}) <= late.value
),

judged as (
    select
        pieces.*,
        pieces.item_code as subject_id,
        pieces.event_month as period_start,
        bill_scans.coverage as bill_coverage,
        case
            when coalesce(bill_scans.coverage, 0) < coverage.value then 'missing_udi'
            when pieces.billing_no > 1 and not pieces.is_piece then 'lot_identification'
            when pieces.billing_no > 1 then 'fired'
            when pieces.billing_no = 0 and pieces.is_in_ward then 'open_stay'
            when
                pieces.billing_no = 0
                and {{ days_between('first_bills.known_from', 'pieces.event_time') }} < late.value
                then 'before_history'
            when pieces.billing_no = 0 then 'fired'
            when not pieces.is_issued and issue_months.org_code is null then 'missing_issues'
            when not pieces.is_issued and coalesce(issue_scans.coverage, 0) < coverage.value then 'missing_udi'
            when
                not pieces.is_issued
                and {{ days_between('first_issues.known_from', 'pieces.event_time') }} < late.value
                then 'before_history'
            when not pieces.is_issued then 'fired'
            when pieces.receipt_time is null and receipt_months.org_code is null then 'missing_receipts'
            when
                pieces.receipt_time is null
                and {{ days_between('pieces.event_time', 'delivery_days.known_until') }} <= late.value
                then 'receipt_pending'
            when
                pieces.receipt_time is null
                and (
                    pieces.same_no <= stocked_before.opening_qty
                    or {{ days_between('delivery_days.known_from', 'pieces.event_time') }} < late.value
                )
                then 'before_history'
            when pieces.receipt_time is null and delivered_as_set.row_key is not null then 'delivered_as_set'
            when pieces.receipt_time is null then 'fired'
            when pieces.received_item <> pieces.item_code and not pieces.is_swapped and pieces.received_price < pieces.unit_amount
                then 'fired'
            when {{ days_between('pieces.event_time', 'pieces.receipt_time') }} > late.value then 'fired'
            when pieces.received_item <> pieces.item_code and pieces.is_swapped then 'swapped_scan'
            when pieces.received_item <> pieces.item_code and pieces.received_price is null then 'missing_price'
            else 'clear'
        end as verdict,
        case
            when pieces.billing_no = 0 then 'not_billed'
            when pieces.billing_no > 1 then 'twice'
            when not pieces.is_issued then 'not_issued'
            when pieces.receipt_time is null then 'not_delivered'
            when pieces.received_item <> pieces.item_code and not pieces.is_swapped and pieces.received_price < pieces.unit_amount
                then 'other_model'
            when {{ days_between('pieces.event_time', 'pieces.receipt_time') }} > late.value then 'late_papers'
            when pieces.received_item <> pieces.item_code and pieces.is_swapped then 'other_model'
            else 'matched'
        end as match_class
    from pieces
    left join scanned as bill_scans
        on
            bill_scans.org_code = pieces.org_code
            and bill_scans.paper = 'his_fee'
            and bill_scans.year_start = cast(date_trunc('year', pieces.event_month) as date)
    left join scanned as issue_scans
        on
            issue_scans.org_code = pieces.org_code
            and issue_scans.paper = 'his_dispense'
            and issue_scans.year_start = cast(date_trunc('year', pieces.event_month) as date)
    left join issue_months
        on
            issue_months.org_code = pieces.org_code
            and issue_months.dispense_month = pieces.event_month
    left join receipt_months
        on
            receipt_months.org_code = pieces.org_code
            and receipt_months.served_month = pieces.event_month
    left join first_issues on first_issues.org_code = pieces.org_code
    left join first_bills on first_bills.org_code = pieces.org_code
    left join delivery_days on delivery_days.org_code = pieces.org_code
    left join stocked_before
        on
            stocked_before.org_code = pieces.org_code
            and stocked_before.item_code = pieces.item_code
    left join delivered_as_set
        on
            delivered_as_set.org_code = pieces.org_code
            and delivered_as_set.row_key = pieces.row_key
    {{ threshold_join('coverage', 'XS06', 'min_scan_coverage', 'pieces.org_code', 'pieces.event_month') }}
    {{ threshold_join('late', 'XS06', 'late_days', 'pieces.org_code', 'pieces.event_month') }}
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_udi', 'missing_issues', 'missing_receipts', 'missing_price']) }} as outcome,
        case
            when match_class in ('twice', 'not_issued', 'not_delivered') then unit_amount
            when match_class = 'other_model' then greatest(0, unit_amount - received_price)
            else 0
        end as amount_at_risk
    from judged
),

item_months as (
    {{
        subject_months(
            'outcomes',
            {
                'is_closed': "max(case when outcome = 'fired' and match_class in ('twice', 'not_issued', 'not_delivered', 'other_model') then 1 else 0 end)",
                'expected': 'max(bill_coverage)',
            },
        )
    }}
),

zoned as (
    select
        org_code,
        subject_id,
        period_start,
        period_end,
        outcome,
        reason,
        case when is_closed = 1 then 'red' else 'yellow' end as zone,
        case when is_closed = 1 then '疑点' else '线索' end as state,
        expected,
        n
    from item_months
),

exceeding_lines as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        paper,
        row_key as fee_id,
        count(*) as piece_count,
        sum(amount_at_risk) as amount_at_risk
    from outcomes
    where outcome in ('fired', 'guarded')
    group by org_code, subject_id, period_start, outcome, paper, row_key
),

evidence as (
    {{ line_evidence('exceeding_lines', 'fee_id', 'line.piece_count', 'line.amount_at_risk', where="line.paper = 'his_fee'") }}
    union all
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        'his_dispense' as source_table,
        fee_id as row_key,
        piece_count as value,
        amount_at_risk as risk_gross,
        0 as risk_fund
    from exceeding_lines
    where paper = 'his_dispense'
),

with_evidence as (
    {{ with_evidence('zoned', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'XS06', '1.0.0', "'traced_material'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=[
                'dept_code', 'doctor_code', 'threshold', 'peer_group', 'peer_n', 'deviation', 'p_value',
                'q_value',
            ],
        )
    }}
)

select * from indicator
