-- Grain: one organisation and drug or material, by month, and over the calendar year as far as it has come.
-- Rule: XS02, quantity billed less quantity that left the stores by use, both in smallest units (PL-4, PL-13): beyond
-- 3 % and one pack (five where less was billed), of what is traced piece by piece beyond no piece. More billed than used
-- is phantom or swapped, more used than billed has leaked or was given away. What the months before and after make up for
-- is a matter of timing, of a year those on its two sides. Less billed in one month alone is no lead; nor is what the
-- item's lines in quarantine make up for, together with those of no known item. Of consigned goods whose
-- papers are not known yet nothing is said. The value is signed, billed less used; money is at risk only of what
-- consigned goods do not explain.
-- Source: int_stock_flow_month, core.fct_fee_line, core.fct_goods_returned, core.fct_stock_month, core.fct_stock_move.
with flows as (
    select * from {{ ref('int_stock_flow_month') }}
),

months as (
    select
        org_code,
        'stock_item' as subject_type,
        subject_id,
        month_start as period_start,
        {{ add_days(add_months('month_start', 1), -1) }} as period_end,
        goods_class,
        pack_ratio,
        used_qty,
        billed_qty,
        outside_qty + later_outside_qty as outside_qty,
        pending_qty,
        gap,
        gap + earlier_gap + later_gap as gap_with_neighbours,
        held_qty,
        held_lines,
        line_count,
        missing_input,
        1 as month_count
    from flows
),

-- Months without stock or without a count are no part of the year on either side.
years as (
    select
        org_code,
        'stock_item_year' as subject_type,
        subject_id,
        cast(date_trunc('year', month_start) as date) as period_start,
        {{ add_days(add_months('max(month_start)', 1), -1) }} as period_end,
        max(goods_class) as goods_class,
        max(pack_ratio) as pack_ratio,
        sum(case when missing_input is null then used_qty else 0 end) as used_qty,
        sum(case when missing_input is null then billed_qty else 0 end) as billed_qty,
        sum(
            case
                when missing_input is not null then 0
                when extract(month from month_start) = 12 then outside_qty + later_outside_qty
                else outside_qty
            end
        ) as outside_qty,
        sum(case when missing_input is null then pending_qty else 0 end) as pending_qty,
        sum(case when missing_input is null then gap else 0 end) as gap,
        sum(
            case
                when missing_input is not null then 0
                when extract(month from month_start) = 1 then gap + earlier_gap
                when extract(month from month_start) = 12 then gap + later_gap
                else gap
            end
        ) as gap_with_neighbours,
        sum(case when missing_input is null then held_qty else 0 end) as held_qty,
        sum(case when missing_input is null then held_lines else 0 end) as held_lines,
        sum(case when missing_input is null then line_count else 0 end) as line_count,
        case when count(missing_input) = count(*) then min(missing_input) end as missing_input,
        sum(case when missing_input is null then 1 else 0 end) as month_count
    from flows
    group by org_code, subject_id, cast(date_trunc('year', month_start) as date)
),

periods as (
    select * from months
    union all
    select * from years
),

limited as (
    select
        periods.*,
        case
            when periods.goods_class = 'implant' then pieces.value
            else greatest(
                rate.value * greatest(periods.used_qty, 0),
                case when periods.gap > 0 then packs.value else leak_packs.value end * periods.pack_ratio
            )
        end as tolerance,
        leak_packs.value * periods.pack_ratio as leak_qty,
        greatest(periods.gap - periods.outside_qty, 0) as unexplained_qty,
        periods.held_qty
        + periods.held_lines
        * greatest(coalesce(periods.billed_qty / nullif(periods.line_count, 0), periods.pack_ratio), 0) as quarantined_qty,
        coalesce(floors.value, 0) * periods.pack_ratio as least_qty,
        least_months.value as least_months
    from periods
    {{
        threshold_join(
            'rate', 'XS02', 'gap_rate', 'periods.org_code', 'periods.period_start', qualifier_sql='periods.goods_class',
        )
    }}
    {{ threshold_join('pieces', 'XS02', 'gap_qty', 'periods.org_code', 'periods.period_start', 'implant') }}
    {{ threshold_join('leak_packs', 'XS02', 'leak_packs', 'periods.org_code', 'periods.period_start') }}
    {{ threshold_join('packs', 'XS02', 'gap_packs', 'periods.org_code', 'periods.period_start') }}
    {{
        threshold_join(
            'floors', 'XS02', 'min_packs', 'periods.org_code', 'periods.period_start',
            qualifier_sql='periods.goods_class',
        )
    }}
    {{ threshold_join('least_months', 'XS02', 'min_months', 'periods.org_code', 'periods.period_start') }}
),

judged as (
    select
        limited.*,
        case
            when missing_input is not null then missing_input
            when subject_type = 'stock_item_year' and month_count < least_months then 'short_history'
            when greatest(used_qty, billed_qty) < least_qty then 'below_volume'
            when abs(gap) <= tolerance then 'clear'
            when gap > 0 and unexplained_qty <= tolerance then 'consignment'
            when abs(gap_with_neighbours) <= tolerance then 'timing_offset'
            when gap > 0 and unexplained_qty - pending_qty <= tolerance then 'papers_pending'
            when
                subject_type = 'stock_item'
                and gap < 0
                and goods_class <> 'implant'
                and gap_with_neighbours - gap > -leak_qty
                then 'single_month'
            when gap < 0 and -gap <= tolerance + quarantined_qty then 'quarantined_lines'
            else 'fired'
        end as verdict
    from limited
),

outcomes as (
    select
        judged.*,
        {{
            outcome_of(
                'verdict',
                [
                    'missing_stock', 'missing_stock_moves', 'missing_fees', 'missing_unit', 'missing_stock_count',
                    'short_history', 'below_volume',
                ],
            )
        }} as outcome,
        verdict as reason,
        case when gap > 0 then 'red' else 'yellow' end as zone,
        case when gap > 0 or goods_class = 'implant' then '疑点' else '线索' end as state,
        tolerance as threshold,
        used_qty as expected,
        line_count as n,
        gap / greatest(used_qty, 1) as deviation
    from judged
),

exceeding as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        outcomes.gap,
        outcomes.unexplained_qty,
        flows.item_kind,
        flows.item_code,
        flows.month_start,
        flows.charge_price,
        flows.charge_unit,
        flows.pack_unit,
        flows.pack_ratio
    from outcomes
    inner join {{ ref('int_stock_flow_month') }} as flows
        on
            flows.org_code = outcomes.org_code
            and flows.subject_id = outcomes.subject_id
            and flows.month_start between outcomes.period_start and outcomes.period_end
            and flows.missing_input is null
    where outcomes.outcome in ('fired', 'guarded')
),

billed_lines as (
    select
        exceeding.*,
        fee_lines.fee_id,
        fee_lines.net_amount,
        {{
            to_smallest_unit(
                'fee_lines.net_qty', 'fee_lines.unit', 'exceeding.pack_unit', 'exceeding.charge_unit',
                'exceeding.pack_ratio',
            )
        }} as qty
    from exceeding
    inner join {{ ref('fct_fee_line') }} as fee_lines
        on
            fee_lines.org_code = exceeding.org_code
            and fee_lines.service_month = exceeding.month_start
            and fee_lines.item_kind = exceeding.item_kind
            and fee_lines.item_code = exceeding.item_code
),

valued_lines as (
    select
        billed_lines.*,
        sum(qty) over (partition by org_code, subject_type, subject_id, period_start) as lines_qty
    from billed_lines
),

-- What was taken back in another month than billed counts where the stores have it.
returns as (
    select
        exceeding.*,
        returned.fee_id,
        case when exceeding.month_start = returned.return_month then 1 else -1 end
        * {{
            to_smallest_unit(
                'returned.qty', 'returned.unit', 'exceeding.pack_unit', 'exceeding.charge_unit', 'exceeding.pack_ratio',
            )
        }} as qty
    from exceeding
    inner join {{ ref('fct_goods_returned') }} as returned
        on
            returned.org_code = exceeding.org_code
            and returned.item_kind = exceeding.item_kind
            and returned.item_code = exceeding.item_code
            and exceeding.month_start in (returned.service_month, returned.return_month)
),

balance_rows as (
    select
        exceeding.*,
        balances.store_code || '|' || balances.item_kind || '|' || balances.item_code || '|' || balances.batch_no
        || '|' || {{ as_text('balances.month_start') }} as balance_key,
        balances.closing_qty - balances.opening_qty as grown_qty,
        balances.out_qty / nullif(sum(balances.out_qty) over (
            partition by exceeding.org_code, exceeding.subject_type, exceeding.subject_id, exceeding.period_start
        ), 0) as share
    from exceeding
    inner join {{ ref('fct_stock_month') }} as balances
        on
            balances.org_code = exceeding.org_code
            and balances.item_kind = exceeding.item_kind
            and balances.item_code = exceeding.item_code
            and balances.month_start = exceeding.month_start
),

other_moves as (
    select
        exceeding.*,
        moves.move_id,
        moves.qty_min_unit
    from exceeding
    inner join {{ ref('fct_stock_move') }} as moves
        on
            moves.org_code = exceeding.org_code
            and moves.item_kind = exceeding.item_kind
            and moves.item_code = exceeding.item_code
            and moves.move_month = exceeding.month_start
    where not moves.is_use
),

-- Within a year both months cancel out.
net_returns as (
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        outcome,
        fee_id,
        sum(qty) as qty
    from returns
    group by org_code, subject_type, subject_id, period_start, outcome, fee_id
    having sum(qty) <> 0
),

-- What is billed too much is money of the lines; what has gone unbilled is worth its charge.
evidence as (
    {{
        line_evidence(
            'valued_lines', 'fee_id', 'line.qty',
            'coalesce(line.net_amount * least(line.unexplained_qty, line.lines_qty) / nullif(line.lines_qty, 0), 0)',
            typed=true,
        )
    }}
    union all
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        outcome,
        'his_fee' as source_table,
        fee_id as row_key,
        qty as value,
        0 as risk_gross,
        0 as risk_fund
    from net_returns
    union all
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        outcome,
        'pr_stock_month' as source_table,
        balance_key as row_key,
        grown_qty as value,
        case when gap < 0 then -gap * coalesce(share, 0) * coalesce(charge_price, 0) else 0 end as risk_gross,
        0 as risk_fund
    from balance_rows
    union all
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        outcome,
        'pr_stock_move' as source_table,
        move_id as row_key,
        -qty_min_unit as value,
        0 as risk_gross,
        0 as risk_fund
    from other_moves
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'XS02', '1.0.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, gap)',
            absent=['dept_code', 'doctor_code', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
