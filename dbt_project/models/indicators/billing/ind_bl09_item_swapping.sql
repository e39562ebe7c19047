-- Grain: one organisation, dear item of a pair and month in which it was billed; beside it one department, pair of
-- items and quarter.
-- Rule: BL09, a dear item billed where the identification of the product, the pharmacy or the report shows the other
-- one of a pair (串换, 条例 §38): a record shows it, so red. Without such a record a share of the dear item that rose
-- by BL09.share_rise in a quarter, more than the case mix explains, is a signal only, so yellow. The amount is the
-- difference of prices x what was swapped.
-- Source: int_swapped_line, int_swappable_line, int_swap_share, core.dim_swap_pair, core.org_month.
with lines as (
    select * from {{ ref('int_swappable_line') }}
),

swapped_lines as (
    select * from {{ ref('int_swapped_line') }}
),

judged_lines as (
    select
        org_code,
        fee_id,
        item_code as subject_id,
        service_month as period_start,
        1 as line_count,
        unit_price / nullif(true_unit_price, 0) - 1 as deviation,
        (unit_price - true_unit_price) * swapped_qty as excess,
        case
            when true_unit_price is null then 'missing_true_price'
            when unit_price <= true_unit_price then 'clear'
            when is_crossed then 'crossed_scan'
            else 'fired'
        end as verdict
    from swapped_lines
),

reported_items as (
    select distinct
        org_code,
        item_code
    from {{ ref('fct_report') }}
    where item_code is not null
),

-- An item of which no identification, hand-out or report is kept here has no side that could show a swap.
other_lines as (
    select
        lines.org_code,
        lines.item_code,
        lines.service_month,
        count(distinct lines.fee_id) as line_count,
        max(
            case
                when lines.udi is not null or lines.item_kind = 'drug' or reported_items.item_code is not null then 1
                else 0
            end
        ) as has_side
    from lines
    left join reported_items
        on
            lines.org_code = reported_items.org_code
            and lines.item_code = reported_items.item_code
    left join swapped_lines
        on
            lines.org_code = swapped_lines.org_code
            and lines.fee_id = swapped_lines.fee_id
    where swapped_lines.fee_id is null
    group by lines.org_code, lines.item_code, lines.service_month
),

shares as (
    select * from {{ ref('int_swap_share') }}
),

switches as (
    select
        shares.*,
        shares.item_code || '|' || shares.true_code || '|' || shares.dept_code as subject_id
    from shares
    where shares.dear_count > 0
),

dear_lines as (
    select
        switches.org_code,
        switches.subject_id,
        switches.dept_code,
        switches.quarter_start as period_start,
        lines.fee_id,
        lines.true_unit_price,
        greatest(0, lines.unit_price - lines.true_unit_price)
        * lines.net_qty
        * (switches.dear_share - switches.expected_share) / nullif(switches.dear_share, 0) as excess
    from switches
    inner join lines
        on
            switches.org_code = lines.org_code
            and switches.dept_code = lines.dept_code
            and switches.billed_code = lines.billed_code
            and switches.true_code = lines.true_code
            and lines.service_month between switches.quarter_start and {{ add_months('switches.quarter_start', 2) }}
    where switches.verdict in ('risen', 'case_mix_changed')
),

unpriced_switches as (
    select distinct
        org_code,
        subject_id,
        period_start
    from dear_lines
    where true_unit_price is null
),

judged_switches as (
    select
        switches.org_code,
        switches.subject_id,
        switches.dept_code,
        switches.quarter_start as period_start,
        switches.n,
        switches.share_rise,
        switches.expected_share,
        switches.dear_share - switches.expected_share as deviation,
        case
            when switches.verdict in ('risen', 'case_mix_changed') and unpriced_switches.org_code is not null
                then 'missing_true_price'
            when switches.verdict = 'risen' then 'fired'
            else switches.verdict
        end as verdict
    from switches
    left join unpriced_switches
        on
            switches.org_code = unpriced_switches.org_code
            and switches.subject_id = unpriced_switches.subject_id
            and switches.quarter_start = unpriced_switches.period_start
),

months_without_rules as (
    {{ months_without_rules('dim_swap_pair', 'billed_code') }}
),

judged as (
    select
        org_code,
        fee_id,
        'charge_item' as subject_type,
        subject_id,
        period_start,
        line_count,
        deviation,
        excess,
        verdict
    from judged_lines
    union all
    select
        org_code,
        null as fee_id,
        'charge_item' as subject_type,
        item_code as subject_id,
        service_month as period_start,
        line_count,
        null as deviation,
        null as excess,
        case when has_side = 1 then 'clear' else 'no_evidence_side' end as verdict
    from other_lines
    union all
    select
        org_code,
        null as fee_id,
        'hospital' as subject_type,
        org_code as subject_id,
        month_start as period_start,
        0 as line_count,
        null as deviation,
        null as excess,
        'missing_swap_pair' as verdict
    from months_without_rules
),

line_outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_swap_pair', 'missing_true_price', 'no_evidence_side']) }} as outcome
    from judged
),

switch_outcomes as (
    select
        judged_switches.*,
        {{ outcome_of('verdict', ['missing_true_price', 'below_volume']) }} as outcome
    from judged_switches
),

item_months as (
    {{
        subject_months('line_outcomes', {
            'subject_type': 'max(subject_type)',
            'deviation': "max(case when outcome = 'fired' then deviation end)",
        }, n='sum(line_count)')
    }}
),

subjects as (
    select
        org_code,
        subject_type,
        subject_id,
        null as dept_code,
        period_start,
        period_end,
        outcome,
        reason,
        zone,
        state,
        null as threshold,
        null as expected,
        n,
        deviation
    from item_months
    union all
    select
        org_code,
        'swap_pair' as subject_type,
        subject_id,
        dept_code,
        period_start,
        {{ add_days(add_months('period_start', 3), -1) }} as period_end,
        outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        share_rise as threshold,
        expected_share as expected,
        n,
        deviation
    from switch_outcomes
),

findings as (
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        fee_id,
        excess,
        outcome
    from line_outcomes
    where fee_id is not null
    union all
    select
        dear_lines.org_code,
        'swap_pair' as subject_type,
        dear_lines.subject_id,
        dear_lines.period_start,
        dear_lines.fee_id,
        dear_lines.excess,
        switch_outcomes.outcome
    from dear_lines
    inner join switch_outcomes
        on
            dear_lines.org_code = switch_outcomes.org_code
            and dear_lines.subject_id = switch_outcomes.subject_id
            and dear_lines.period_start = switch_outcomes.period_start
),

evidence as (
    {{ line_evidence('findings', 'fee_id', 'line.excess', typed=true) }}
),

with_evidence as (
    {{ with_evidence('subjects', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'BL09', '1.0.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=['doctor_code', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
