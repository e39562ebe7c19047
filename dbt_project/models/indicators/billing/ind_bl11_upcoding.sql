-- Grain: one settled stay and month of its settlement (encounter); one hospital or department and quarter by its share
-- of the highest groups; and what accompanies that share: its rise against last year (high_share_rise), the case-mix
-- index against the cost (cmi_cost), and, by hospital and month, whether the rule library holds what the checks of stays
-- need (ungrouped_code, complication_support).
-- Rule: BL11. A stay fires with a doubt about its coding or its group (int_coding_check). The share of the highest group
-- within the family stands out where its modified z among peers is above BL11.mod_z, outside the funnel of the number of
-- cases, false discovery rate held; against last year where it rose by BL11.share_rise; the case-mix index where it rose
-- while the cost per weight fell, both more than in BL11.peer_percentile of the peers. A rise within chance and a
-- comparison across a change of coders, grouper or payment are guarded. At risk is what the group pays above the lowest
-- of its family, of a share the part beyond the peers or last year; of the case-mix index it is not known.
-- Source: int_coding_check, int_coding_score, int_coding_case, core.fct_grouped_case, core.fct_listed_diagnosis, the
-- rule library.
with cases as (
    select * from {{ ref('fct_grouped_case') }}
),

checks as (
    select * from {{ ref('int_coding_check') }}
),

listed as (
    select distinct
        org_code,
        mdtrt_id
    from {{ ref('fct_listed_diagnosis') }}
),

judged_cases as (
    select
        cases.org_code,
        cases.mdtrt_id,
        cases.setl_month,
        cases.dept_code,
        checks.source_table,
        checks.row_key,
        checks.check_code,
        checks.risk_amount,
        case when listed.mdtrt_id is null then 'missing_list' else coalesce(checks.verdict, 'clear') end as verdict
    from cases
    left join listed
        on
            listed.org_code = cases.org_code
            and listed.mdtrt_id = cases.mdtrt_id
    left join checks
        on
            checks.org_code = cases.org_code
            and checks.setl_id = cases.setl_id
),

case_outcomes as (
    select
        judged_cases.*,
        {{ outcome_of('verdict', ['missing_list', 'missing_stay', 'missing_surgery']) }} as outcome
    from judged_cases
),

encounters as (
    select
        org_code,
        'encounter' as subject_type,
        mdtrt_id as subject_id,
        setl_month as period_start,
        {{ add_days(add_months('setl_month', 1), -1) }} as period_end,
        min(dept_code) as dept_code,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        max(case when outcome = 'fired' and check_code not in ('complication_unsupported', 'low_rate') then 1 else 0 end)
            as is_certain
    from case_outcomes
    group by org_code, mdtrt_id, setl_month
),

scores as (
    select * from {{ ref('int_coding_score') }}
),

-- The last change before the end of the quarter.
changes as (
    select
        ranked.org_code,
        ranked.setl_quarter,
        ranked.change_kind,
        ranked.changed_on
    from (
        select
            quarters.org_code,
            quarters.setl_quarter,
            changes.change_kind,
            changes.changed_on,
            row_number() over (
                partition by quarters.org_code, quarters.setl_quarter
                order by changes.changed_on desc, changes.change_kind
            ) as place
        from (
            select distinct
                org_code,
                setl_quarter
            from scores
        ) as quarters
        inner join {{ ref('dim_coding_change') }} as changes
            on
                changes.org_code in ('*', quarters.org_code)
                and changes.changed_on < {{ add_months('quarters.setl_quarter', 3) }}
    ) as ranked
    where ranked.place = 1
),

limits as (
    select
        quarters.org_code,
        quarters.setl_quarter,
        fdr.value as fdr,
        rise.value as share_rise,
        percentile.value as peer_percentile,
        cast(settling.value as integer) as settling_months
    from (
        select distinct
            org_code,
            setl_quarter
        from scores
    ) as quarters
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'quarters.org_code', 'quarters.setl_quarter') }}
    {{ threshold_join('rise', 'BL11', 'share_rise', 'quarters.org_code', 'quarters.setl_quarter') }}
    {{ threshold_join('percentile', 'BL11', 'peer_percentile', 'quarters.org_code', 'quarters.setl_quarter') }}
    {{ threshold_join('settling', 'BL11', 'settling_months', 'quarters.org_code', 'quarters.setl_quarter') }}
),

settled as (
    select
        scores.*,
        limits.fdr,
        limits.share_rise,
        limits.peer_percentile,
        changes.change_kind,
        changes.changed_on,
        {{ add_months('scores.setl_quarter', '-1 * limits.settling_months') }} as settling_since
    from scores
    inner join limits
        on
            limits.org_code = scores.org_code
            and limits.setl_quarter = scores.setl_quarter
    left join changes
        on
            changes.org_code = scores.org_code
            and changes.setl_quarter = scores.setl_quarter
),

measured as (
    select
        org_code,
        subject_type,
        subject_id,
        setl_quarter,
        subject_type as measured_type,
        subject_id as measured_id,
        'high_share' as measure,
        compared_share as value,
        z_limit as threshold,
        peer_expected as expected,
        limit_lower,
        limit_upper,
        peer_group,
        peer_n,
        compared_n as n,
        z_score as deviation,
        p_value,
        q_value,
        case
            when obstacle is not null then obstacle
            when peer_group is null then 'no_peer_group'
            when not is_outlier then 'clear'
            when changed_on >= settling_since then change_kind
            when coalesce(q_value, 1) > fdr then 'false_discovery'
            else 'fired'
        end as verdict
    from settled
    union all
    select
        org_code,
        subject_type || '_coding' as subject_type,
        subject_id || '|high_share_rise' as subject_id,
        setl_quarter,
        subject_type as measured_type,
        subject_id as measured_id,
        'high_share_rise' as measure,
        high_share as value,
        share_rise as threshold,
        last_year_share as expected,
        null as limit_lower,
        null as limit_upper,
        null as peer_group,
        null as peer_n,
        split_n as n,
        high_share - last_year_share as deviation,
        null as p_value,
        null as q_value,
        case
            when split_n = 0 or obstacle = 'below_volume' or last_year_n < min_cases then 'below_volume'
            when last_year_share is null then 'no_last_year'
            when high_share - last_year_share < share_rise then 'clear'
            when
                power(high_share - last_year_share, 2)
                <= funnel_z * funnel_z * (
                    high_share * (1 - high_share) / split_n + last_year_share * (1 - last_year_share) / last_year_n
                )
                then 'within_chance'
            when changed_on > {{ add_months('setl_quarter', -12) }} then change_kind
            else 'fired'
        end as verdict
    from settled
    union all
    select
        org_code,
        subject_type || '_coding' as subject_type,
        subject_id || '|cmi_cost' as subject_id,
        setl_quarter,
        subject_type as measured_type,
        subject_id as measured_id,
        'cmi_cost' as measure,
        cmi as value,
        peer_percentile as threshold,
        previous_cmi as expected,
        null as limit_lower,
        null as limit_upper,
        change_peer_group as peer_group,
        change_peer_n as peer_n,
        n,
        cmi_rise as deviation,
        null as p_value,
        null as q_value,
        case
            when change_obstacle is not null then change_obstacle
            when change_peer_group is null then 'no_peer_group'
            when cmi_rise <= 0 or cost_drop <= 0 or rise_rank < peer_percentile or drop_rank < peer_percentile then 'clear'
            when cmi_rise <= funnel_z * cmi_error then 'within_chance'
            when changed_on > {{ add_months('setl_quarter', -3) }} then change_kind
            else 'fired'
        end as verdict
    from settled
),

settled_months as (
    select
        org_code,
        setl_month,
        count(*) as n
    from cases
    group by org_code, setl_month
),

rule_sets as (
    select
        'ungrouped_code' as rule,
        min(valid_from) as valid_from
    from {{ ref('dim_ungrouped_code') }}
    union all
    select
        'complication_support' as rule,
        min(valid_from) as valid_from
    from {{ ref('dim_complication_support') }}
),

references_missing as (
    select
        months.org_code,
        'hospital_coding' as subject_type,
        months.org_code || '|' || rule_sets.rule as subject_id,
        months.setl_month,
        months.n,
        case when months.setl_month >= rule_sets.valid_from then 'clear' else 'missing_' || rule_sets.rule end as verdict
    from settled_months as months
    cross join rule_sets
),

outcomes as (
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        period_end,
        dept_code,
        subject_type as measured_type,
        subject_id as measured_id,
        'stay' as measure,
        outcome,
        reason,
        case is_certain when 1 then 'red' else 'yellow' end as zone,
        case is_certain when 1 then '疑点' else '线索' end as state,
        cast(null as numeric(18, 8)) as value,
        cast(null as numeric(18, 8)) as threshold,
        cast(null as numeric(18, 8)) as expected,
        cast(null as numeric(18, 8)) as limit_lower,
        cast(null as numeric(18, 8)) as limit_upper,
        {{ as_text('null') }} as peer_group,
        cast(null as integer) as peer_n,
        cast(null as integer) as n,
        cast(null as numeric(18, 8)) as deviation,
        cast(null as numeric(18, 8)) as p_value,
        cast(null as numeric(18, 8)) as q_value
    from encounters
    union all
    select
        org_code,
        subject_type,
        subject_id,
        setl_quarter as period_start,
        {{ add_days(add_months('setl_quarter', 3), -1) }} as period_end,
        case measured_type when 'department' then measured_id end as dept_code,
        measured_type,
        measured_id,
        measure,
        {{
            outcome_of(
                'verdict',
                [
                    'below_volume', 'missing_department', 'no_reference', 'no_peer_group', 'no_last_year',
                    'no_previous_quarter',
                ],
            )
        }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        value,
        threshold,
        expected,
        limit_lower,
        limit_upper,
        peer_group,
        peer_n,
        n,
        deviation,
        p_value,
        q_value
    from measured
    union all
    select
        org_code,
        subject_type,
        subject_id,
        setl_month as period_start,
        {{ add_days(add_months('setl_month', 1), -1) }} as period_end,
        null as dept_code,
        'hospital' as measured_type,
        org_code as measured_id,
        'reference' as measure,
        {{ outcome_of('verdict', ['missing_ungrouped_code', 'missing_complication_support']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        null as value,
        null as threshold,
        null as expected,
        null as limit_lower,
        null as limit_upper,
        null as peer_group,
        null as peer_n,
        cast(n as integer) as n,
        null as deviation,
        null as p_value,
        null as q_value
    from references_missing
),

excesses as (
    select
        outcomes.*,
        case
            when measure in ('high_share', 'high_share_rise')
                then greatest(1 - coalesce(expected, 0) / nullif(value, 0), 0)
        end as excess_share
    from outcomes
    where outcome in ('fired', 'guarded') and measure <> 'stay'
),

evidence as (
    select
        org_code,
        'encounter' as subject_type,
        mdtrt_id as subject_id,
        setl_month as period_start,
        outcome,
        source_table,
        row_key,
        1 as value,
        risk_amount as risk_gross,
        risk_amount as risk_fund
    from case_outcomes
    where row_key is not null and outcome in ('fired', 'guarded')
    union all
    select
        excesses.org_code,
        excesses.subject_type,
        excesses.subject_id,
        excesses.period_start,
        excesses.outcome,
        'yb_drg_group' as source_table,
        counted.setl_id as row_key,
        case excesses.measure when 'cmi_cost' then counted.weight else 1.0 end / excesses.n as value,
        counted.excess_amount * excesses.excess_share as risk_gross,
        counted.excess_amount * excesses.excess_share as risk_fund
    from excesses
    inner join {{ ref('int_coding_case') }} as counted
        on
            counted.org_code = excesses.org_code
            and counted.setl_quarter = excesses.period_start
            and (excesses.measured_type = 'hospital' or counted.dept_code = excesses.measured_id)
            and case excesses.measure
                when 'cmi_cost' then true
                when 'high_share' then counted.is_high = 1 and counted.expected_share is not null
                else counted.is_high = 1
            end
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'BL11', '1.0.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, value)',
            absent=['doctor_code'], limits=true,
        )
    }}
)

select * from indicator
