-- Grain: one organisation and lot with at least three valid bids, in the month of their opening.
-- Rule: PR06, the first that holds of: identical, two bids at one price; equal_lines, two bids with one price on at
-- least PR06.equal_line_share of their lines; proportional_lines, the lines of one are those of another times one
-- factor (PR06.line_cv); arithmetic and geometric, the gaps or ratios between neighbouring prices vary by less than
-- PR06.cv_diff or PR06.cv_ratio, whichever is the more regular. The last two need PR06.min_bids prices: two gaps are
-- equal by chance too often. One pair of equal losing bids among more than PR06.many_bids is chance as well, unless the same
-- two are equal in another lot of the tender. value counts the bids that take part. Spacing alone is a yellow signal. At risk
-- is the award.
-- Source: int_lot_spacing, int_lot_line_pattern, core.fct_bid, core.fct_lot.
with spacings as (
    select * from {{ ref('int_lot_spacing') }}
),

line_patterns as (
    select * from {{ ref('int_lot_line_pattern') }}
),

limited as (
    select
        spacings.*,
        lots.project_id,
        lots.domain,
        lots.method,
        lots.award_amount,
        min_bids.value as min_bids,
        many_bids.value as many_bids,
        cv_diff.value as max_diff_cv,
        cv_ratio.value as max_ratio_cv,
        equal_share.value as min_equal_share,
        line_cv.value as max_line_cv
    from spacings
    inner join {{ ref('fct_lot') }} as lots
        on
            spacings.org_code = lots.org_code
            and spacings.lot_key = lots.lot_key
    {{ threshold_join('min_bids', 'PR06', 'min_bids', 'spacings.org_code', 'spacings.open_month') }}
    {{ threshold_join('many_bids', 'PR06', 'many_bids', 'spacings.org_code', 'spacings.open_month') }}
    {{ threshold_join('cv_diff', 'PR06', 'cv_diff', 'spacings.org_code', 'spacings.open_month') }}
    {{ threshold_join('cv_ratio', 'PR06', 'cv_ratio', 'spacings.org_code', 'spacings.open_month') }}
    {{ threshold_join('equal_share', 'PR06', 'equal_line_share', 'spacings.org_code', 'spacings.open_month') }}
    {{ threshold_join('line_cv', 'PR06', 'line_cv', 'spacings.org_code', 'spacings.open_month') }}
),

bids as (
    select
        fct_bid.org_code,
        fct_bid.lot_key,
        fct_bid.bid_key,
        fct_bid.supplier_id,
        fct_bid.is_winner,
        count(*) over (partition by fct_bid.org_code, fct_bid.lot_key, fct_bid.bid_amount) > 1 as has_equal
    from {{ ref('fct_bid') }} as fct_bid
    where fct_bid.is_valid and fct_bid.bid_amount > 0
),

paired as (
    select
        limited.org_code,
        limited.lot_key,
        line_patterns.bid_key_a,
        line_patterns.bid_key_b,
        coalesce(line_patterns.equal_share >= limited.min_equal_share, 1 = 0) as has_equal_lines,
        coalesce(line_patterns.line_cv < limited.max_line_cv, 1 = 0) as is_proportional
    from limited
    inner join line_patterns
        on
            limited.org_code = line_patterns.org_code
            and limited.lot_key = line_patterns.lot_key
),

line_members as (
    select
        org_code,
        lot_key,
        bid_key_a as bid_key,
        has_equal_lines,
        is_proportional
    from paired
    union all
    select
        org_code,
        lot_key,
        bid_key_b as bid_key,
        has_equal_lines,
        is_proportional
    from paired
),

line_signs as (
    select
        org_code,
        lot_key,
        bid_key,
        max(case when has_equal_lines then 1 else 0 end) as has_equal_lines,
        max(case when is_proportional then 1 else 0 end) as is_proportional
    from line_members
    group by org_code, lot_key, bid_key
),

lot_signs as (
    select
        org_code,
        lot_key,
        sum(has_equal_lines) as equal_line_bids,
        sum(is_proportional) as proportional_bids
    from line_signs
    group by org_code, lot_key
),

signed as (
    select
        limited.*,
        case
            when limited.equal_bids > 0 then 'identical'
            when lot_signs.equal_line_bids > 0 then 'equal_lines'
            when lot_signs.proportional_bids > 0 then 'proportional_lines'
            when
                limited.diff_cv < limited.max_diff_cv
                and (limited.diff_cv <= limited.ratio_cv or limited.ratio_cv >= limited.max_ratio_cv)
                then 'arithmetic'
            when limited.ratio_cv < limited.max_ratio_cv then 'geometric'
        end as sign
    from limited
    left join lot_signs
        on
            limited.org_code = lot_signs.org_code
            and limited.lot_key = lot_signs.lot_key
),

-- Lots with one pair of equal bids, neither of which wins.
losing_pairs as (
    select
        org_code,
        lot_key,
        min(supplier_id) as first_bidder,
        max(supplier_id) as last_bidder
    from bids
    where has_equal
    group by org_code, lot_key
    having count(*) = 2 and max(case when is_winner then 1 else 0 end) = 0
),

paired_signs as (
    select
        signed.*,
        losing_pairs.lot_key is not null as is_losing_pair,
        count(*) over (
            partition by
                signed.org_code, coalesce(signed.project_id, signed.lot_key),
                losing_pairs.first_bidder, losing_pairs.last_bidder
        ) as pair_lots
    from signed
    left join losing_pairs
        on
            losing_pairs.org_code = signed.org_code
            and losing_pairs.lot_key = signed.lot_key
),

judged as (
    select
        paired_signs.*,
        case
            when priced_bids < 3 then 'missing_bid_amount'
            when sign is null then 'clear'
            when
                domain in ('drug', 'consumable', 'reagent') and method in ('platform', 'framework')
                and sign in ('identical', 'equal_lines')
                then 'fixed_price'
            when sign in ('identical', 'arithmetic', 'geometric') and is_rounded then 'rounded_prices'
            when sign in ('arithmetic', 'geometric') and prices < min_bids then 'three_prices'
            when sign = 'identical' and is_losing_pair and priced_bids > many_bids and pair_lots < 2 then 'pair_among_many'
            else 'fired'
        end as verdict
    from paired_signs
),

members as (
    select
        judged.org_code,
        judged.lot_key,
        bids.bid_key,
        bids.is_winner
    from judged
    inner join bids
        on
            judged.org_code = bids.org_code
            and judged.lot_key = bids.lot_key
    left join line_signs
        on
            bids.org_code = line_signs.org_code
            and bids.bid_key = line_signs.bid_key
    where
        case judged.sign
            when 'identical' then bids.has_equal
            when 'equal_lines' then coalesce(line_signs.has_equal_lines, 0) = 1
            when 'proportional_lines' then coalesce(line_signs.is_proportional, 0) = 1
            else judged.sign is not null
        end
),

member_counts as (
    select
        org_code,
        lot_key,
        count(*) as members
    from members
    group by org_code, lot_key
),

outcomes as (
    select
        judged.org_code,
        judged.lot_key as subject_id,
        judged.open_month as period_start,
        {{ add_days(add_months('judged.open_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['missing_bid_amount']) }} as outcome,
        judged.verdict as reason,
        case when judged.sign in ('arithmetic', 'geometric') then 'yellow' else 'red' end as zone,
        case when judged.sign in ('arithmetic', 'geometric') then '线索' else '疑点' end as state,
        coalesce(member_counts.members, 0) as value,
        case when judged.sign in ('arithmetic', 'geometric') then judged.min_bids else 2 end as threshold,
        judged.sign as peer_group,
        judged.bids as n,
        case judged.sign when 'arithmetic' then judged.diff_cv when 'geometric' then judged.ratio_cv end as deviation,
        judged.award_amount
    from judged
    left join member_counts
        on
            judged.org_code = member_counts.org_code
            and judged.lot_key = member_counts.lot_key
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_bid' as source_table,
        bids.bid_key as row_key,
        case when members.bid_key is null then 0 else 1 end as value,
        case when bids.is_winner then outcomes.award_amount else 0 end as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join bids
        on
            outcomes.org_code = bids.org_code
            and outcomes.subject_id = bids.lot_key
    left join members
        on
            bids.org_code = members.org_code
            and bids.bid_key = members.bid_key
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'PR06', '1.1.0', "'lot'", 'with_evidence',
            absent=['dept_code', 'doctor_code', 'expected', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
