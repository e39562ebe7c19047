-- Grain: one organisation, traced material and month in which it was billed or issued.
-- Rule: XS06, the papers of each piece do not match (PL-13, PL-14, PL-32 to PL-35): billed twice, billed and not issued,
-- billed and never delivered, delivered as a cheaper model, delivered on paper more than a week after its use, or issued
-- and not billed. Where fewer than nine lines in ten carry an identification nothing is judged. The last two have no
-- money at risk and are yellow.
-- Source: int_device_piece, core.fct_goods_billed_month, core.fct_goods_received, core.fct_device_issued,
-- core.fct_device_received.
with pieces as (
    select * from {{ ref('int_device_piece') }}
),

identified as (
    select
        billed.org_code,
        cast(date_trunc('year', billed.service_month) as date) as year_start,
        cast(sum(billed.identified_lines) as numeric(18, 4)) / nullif(sum(billed.line_count), 0) as coverage
    from {{ ref('fct_goods_billed_month') }} as billed
    inner join {{ ref('dim_material') }} as materials
        on
            materials.org_code = billed.org_code
            and materials.material_code = billed.item_code
            and materials.is_traced
    where billed.item_kind = 'material'
    group by billed.org_code, cast(date_trunc('year', billed.service_month) as date)
),

issue_months as (
    select distinct
        org_code,
        dispense_month
    from {{ ref('fct_device_issued') }}
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

-- Papers are known until the last delivery of whatever goods.
last_deliveries as (
    select
        org_code,
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
        case
            when coalesce(identified.coverage, 0) < coverage.value then 'missing_udi'
            when pieces.billing_no = 0 and pieces.is_in_ward then 'open_stay'
            when pieces.billing_no = 0 then 'fired'
            when pieces.billing_no > 1 then 'fired'
            when not pieces.is_issued and issue_months.org_code is null then 'missing_issues'
            when not pieces.is_issued then 'fired'
            when pieces.receipt_time is null and receipt_months.org_code is null then 'missing_receipts'
            when
                pieces.receipt_time is null
                and {{ days_between('pieces.event_time', 'last_deliveries.known_until') }} <= late.value
                then 'receipt_pending'
            when pieces.receipt_time is null and delivered_as_set.row_key is not null then 'delivered_as_set'
            when pieces.receipt_time is null then 'fired'
            when pieces.received_item <> pieces.item_code and pieces.is_swapped then 'swapped_scan'
            when pieces.received_item <> pieces.item_code and pieces.received_price < pieces.unit_amount then 'fired'
            when {{ days_between('pieces.event_time', 'pieces.receipt_time') }} > late.value then 'fired'
            else 'clear'
        end as verdict,
        case
            when pieces.billing_no = 0 then 'not_billed'
            when pieces.billing_no > 1 then 'twice'
            when not pieces.is_issued then 'not_issued'
            when pieces.receipt_time is null then 'not_delivered'
            when pieces.received_item <> pieces.item_code then 'other_model'
            when {{ days_between('pieces.event_time', 'pieces.receipt_time') }} > late.value then 'late_papers'
            else 'matched'
        end as match_class
    from pieces
    left join identified
        on
            identified.org_code = pieces.org_code
            and identified.year_start = cast(date_trunc('year', pieces.event_month) as date)
    left join issue_months
        on
            issue_months.org_code = pieces.org_code
            and issue_months.dispense_month = pieces.event_month
    left join receipt_months
        on
            receipt_months.org_code = pieces.org_code
            and receipt_months.served_month = pieces.event_month
    left join last_deliveries on last_deliveries.org_code = pieces.org_code
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
        {{ outcome_of('verdict', ['missing_udi', 'missing_issues', 'missing_receipts']) }} as outcome,
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
                'dept_code', 'doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value',
                'q_value',
            ],
        )
    }}
)

select * from indicator
