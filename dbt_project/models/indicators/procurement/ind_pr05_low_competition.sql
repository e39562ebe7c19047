-- Grain: one organisation and lot of an open or invited tender that was awarded, in the month of its opening: how
-- many bid (subject lot), and which bids were rejected (subject lot_rejection).
-- Rule: PR05, fewer than PR05.min_bidders bidders, where bids may not be opened, or one valid bid left of several;
-- the lowest bid was rejected, or the share of rejected bids is at or above Q3 + 1.5 IQR of the buyer's lots (at
-- least PR05.min_rejected of them, and PR05.min_buyer_lots lots). Lots of one tender to which the same one or two came are one
-- decision of theirs: the one with the largest award stands for all, the others are guarded. At risk is the award, of what
-- stands for several theirs together.
-- Source: core.fct_lot, core.fct_bid.
with lots as (
    select * from {{ ref('fct_lot') }}
    where is_tender and outcome = 'awarded' and open_month is not null
),

bids as (
    select
        fct_bid.*,
        min(fct_bid.bid_amount) over (partition by fct_bid.org_code, fct_bid.lot_key) as lowest
    from {{ ref('fct_bid') }} as fct_bid
),

counts as (
    select
        lots.org_code,
        lots.lot_key,
        lots.project_id,
        lots.open_month,
        lots.notice_time,
        lots.failed_time,
        lots.award_amount,
        min(bids.supplier_id) as first_bidder,
        max(bids.supplier_id) as last_bidder,
        cast(count(bids.bid_key) as integer) as bidders,
        cast(sum(case when bids.is_valid then 1 else 0 end) as integer) as valid_bids,
        cast(sum(case when bids.is_valid then 0 else 1 end) as integer) as rejected_bids,
        max(case when not bids.is_valid and bids.bid_amount = bids.lowest then 1 else 0 end) as is_lowest_rejected
    from lots
    inner join bids
        on
            lots.org_code = bids.org_code
            and lots.lot_key = bids.lot_key
    group by
        lots.org_code,
        lots.lot_key,
        lots.project_id,
        lots.open_month,
        lots.notice_time,
        lots.failed_time,
        lots.award_amount
),

shares as (
    select
        counts.*,
        cast(rejected_bids as numeric(18, 6)) / bidders as rejected_share
    from counts
),

buyers as (
    select
        org_code,
        count(*) as buyer_lots,
        percentile_cont(0.25) within group (order by rejected_share) as q1,
        percentile_cont(0.75) within group (order by rejected_share) as q3
    from shares
    group by org_code
),

limited as (
    select
        shares.*,
        buyers.buyer_lots,
        cast(buyers.q3 + fence.value * (buyers.q3 - buyers.q1) as numeric(18, 6)) as max_share,
        min_bidders.value as min_bidders,
        min_rejected.value as min_rejected,
        min_buyer_lots.value as min_buyer_lots,
        coalesce({{ days_between('shares.failed_time', 'shares.notice_time') }} <= retender_days.value, 1 = 0) as is_retender
    from shares
    inner join buyers on shares.org_code = buyers.org_code
    {{ threshold_join('min_bidders', 'PR05', 'min_bidders', 'shares.org_code', 'shares.open_month') }}
    {{ threshold_join('min_rejected', 'PR05', 'min_rejected', 'shares.org_code', 'shares.open_month') }}
    {{ threshold_join('min_buyer_lots', 'PR05', 'min_buyer_lots', 'shares.org_code', 'shares.open_month') }}
    {{ threshold_join('fence', 'PR05', 'fence_iqr', 'shares.org_code', 'shares.open_month') }}
    {{ threshold_join('retender_days', 'PR05', 'retender_days', 'shares.org_code', 'shares.open_month') }}
),

by_number as (
    select
        limited.*,
        'lot' as subject_type,
        case
            when bidders < min_bidders then 'few_bidders'
            when valid_bids <= 1 then 'one_valid_bid'
        end as sign,
        valid_bids as value,
        min_bidders as threshold
    from limited
),

by_rejection as (
    select
        limited.*,
        'lot_rejection' as subject_type,
        case
            when is_lowest_rejected = 1 then 'lowest_rejected'
            when rejected_bids >= min_rejected and rejected_share >= max_share and rejected_share > 0
                then 'many_rejected'
        end as sign,
        rejected_bids as value,
        min_rejected as threshold
    from limited
    where rejected_bids > 0 and valid_bids > 1
),

-- One or two bidders are known by the first and the last of them in any order.
grouped as (
    select
        by_number.*,
        first_value(lot_key) over (
            partition by org_code, coalesce(project_id, lot_key), bidders, first_bidder, last_bidder, open_month
            order by award_amount desc, lot_key
        ) as group_key
    from by_number
    where sign = 'few_bidders' and bidders <= 2 and first_bidder is not null
),

represented as (
    select
        by_number.*,
        coalesce(grouped.group_key, by_number.lot_key) as group_key
    from by_number
    left join grouped
        on
            grouped.org_code = by_number.org_code
            and grouped.lot_key = by_number.lot_key
),

subjects as (
    select * from represented
    union all
    select
        by_rejection.*,
        lot_key as group_key
    from by_rejection
),

judged as (
    select
        subjects.*,
        case
            when sign is null then 'clear'
            when sign = 'many_rejected' and buyer_lots < min_buyer_lots then 'below_volume'
            when subject_type = 'lot' and is_retender then 'retender'
            when group_key <> lot_key then 'same_bidders'
            else 'fired'
        end as verdict
    from subjects
),

outcomes as (
    select
        judged.*,
        lot_key as subject_id,
        open_month as period_start,
        {{ add_days(add_months('open_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=['below_volume']) }} as outcome,
        verdict as reason,
        case when subject_type = 'lot' then 'red' else 'yellow' end as zone,
        case when subject_type = 'lot' then '疑点' else '线索' end as state,
        sign as peer_group,
        bidders as n,
        case when subject_type = 'lot_rejection' then max_share * bidders end as expected,
        case when subject_type = 'lot_rejection' then buyer_lots end as peer_n
    from judged
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_bid' as source_table,
        bids.bid_key as row_key,
        case when bids.is_valid = (outcomes.subject_type = 'lot') then 1 else 0 end as value,
        case when bids.is_winner then outcomes.award_amount else 0 end as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join bids
        on
            outcomes.org_code = bids.org_code
            and outcomes.lot_key = bids.lot_key
    where outcomes.outcome in ('fired', 'guarded')
    union all
    -- The lots that a lot stands for.
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_bid' as source_table,
        bids.bid_key as row_key,
        0 as value,
        case when bids.is_winner then others.award_amount else 0 end as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join outcomes as others
        on
            others.org_code = outcomes.org_code
            and others.group_key = outcomes.lot_key
            and others.reason = 'same_bidders'
    inner join bids
        on
            bids.org_code = others.org_code
            and bids.lot_key = others.lot_key
    where outcomes.outcome = 'fired' and outcomes.subject_type = 'lot'
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'PR05', '1.2.0', 'subject_type', 'with_evidence',
            absent=['dept_code', 'doctor_code', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
