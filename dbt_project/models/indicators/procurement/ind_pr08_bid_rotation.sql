-- Grain: one organisation, two suppliers that bid together there (subject bidder_pair) or a group of three or more
-- (bidder_group, named by the member that was the first of them to bid there), and calendar year.
-- Rule: PR08, over the whole region, this year and the one before: joint tenders at least PR08.min_joint_tenders,
-- PR08.min_lift times what the activity of both explains, significant among all pairs (ALL.fdr_q); and either one of
-- them wins none while the other wins more than chance (cover), or their wins alternate more than chance and are
-- shared evenly (rotation, from PR08.min_wins wins). In a market with fewer than PR08.min_market_bidders companies
-- the same must meet: guarded. value counts the joint lots at this organisation. As a statistical indicator it
-- never says red alone. At risk is what they were awarded there.
-- Source: int_joint_bid, int_bidder_pair, int_bidder_ring, int_ring_conduct, core.fct_bid.
with joint as (
    select * from {{ ref('int_joint_bid') }}
),

-- Only organisations where the two met in the year itself: what is older has been said a year ago.
pair_places as (
    select
        org_code,
        bid_year,
        supplier_a,
        supplier_b,
        min(code_a) as code_a,
        min(code_b) as code_b,
        count(*) as local_lots
    from joint
    group by org_code, bid_year, supplier_a, supplier_b
    having max(open_year) = bid_year
),

rings as (
    select * from {{ ref('int_bidder_ring') }}
),

edges as (
    select distinct
        bid_year,
        ring_id,
        lift,
        p_value,
        q_value,
        market_bidders
    from rings
),

ring_bids as (
    select
        rings.bid_year,
        rings.ring_id,
        bids.org_code,
        bids.lot_key,
        bids.supplier_id,
        max(cast(extract(year from bids.open_time) as integer)) as open_year,
        min(bids.supplier_code) as supplier_code,
        min(bids.bid_key) as bid_key,
        max(case when bids.is_winner then bids.award_amount else 0 end) as awarded
    from rings
    inner join {{ ref('fct_bid') }} as bids
        on
            rings.supplier_id = bids.supplier_id
            and cast(extract(year from bids.open_time) as integer) in (rings.bid_year - 1, rings.bid_year)
    group by rings.bid_year, rings.ring_id, bids.org_code, bids.lot_key, bids.supplier_id
),

ring_lots as (
    select
        bid_year,
        ring_id,
        org_code,
        lot_key,
        max(open_year) as open_year,
        count(*) as ring_bidders
    from ring_bids
    group by bid_year, ring_id, org_code, lot_key
    having count(*) >= 2
),

-- A company that comes later never was the first: it does not change the name of a group that it joins.
first_bids as (
    select
        org_code,
        supplier_id,
        supplier_code,
        open_time,
        row_number() over (partition by org_code, supplier_id order by open_time, supplier_code) as place
    from {{ ref('fct_bid') }}
),

ring_members as (
    select
        ring_bids.org_code,
        ring_bids.bid_year,
        ring_bids.ring_id,
        first_bids.supplier_code,
        row_number() over (
            partition by ring_bids.org_code, ring_bids.bid_year, ring_bids.ring_id
            order by first_bids.open_time, first_bids.supplier_code
        ) as place
    from ring_bids
    inner join ring_lots
        on
            ring_bids.org_code = ring_lots.org_code
            and ring_bids.lot_key = ring_lots.lot_key
            and ring_bids.bid_year = ring_lots.bid_year
            and ring_bids.ring_id = ring_lots.ring_id
    inner join first_bids
        on
            ring_bids.org_code = first_bids.org_code
            and ring_bids.supplier_id = first_bids.supplier_id
            and first_bids.place = 1
),

ring_counts as (
    select
        org_code,
        bid_year,
        ring_id,
        count(*) as local_lots
    from ring_lots
    group by org_code, bid_year, ring_id
    having max(open_year) = bid_year
),

ring_places as (
    select
        ring_counts.org_code,
        ring_counts.bid_year,
        ring_counts.ring_id,
        ring_members.supplier_code as first_code,
        ring_counts.local_lots
    from ring_counts
    inner join ring_members
        on
            ring_counts.org_code = ring_members.org_code
            and ring_counts.bid_year = ring_members.bid_year
            and ring_counts.ring_id = ring_members.ring_id
            and ring_members.place = 1
),

subjects as (
    select
        places.org_code,
        'bidder_pair' as subject_type,
        least(places.code_a, places.code_b) || '|' || greatest(places.code_a, places.code_b) as subject_id,
        places.bid_year,
        places.supplier_a || '|' || places.supplier_b as region_key,
        places.local_lots,
        pairs.joint_tenders,
        pairs.expected,
        pairs.lift,
        pairs.p_value,
        pairs.q_value,
        pairs.won_lots,
        case when least(pairs.wins_a, pairs.wins_b) = 0 then pairs.cover_p end as cover_p,
        pairs.shared_wins as wins,
        pairs.turn_p,
        pairs.share_cv,
        pairs.market_bidders
    from pair_places as places
    inner join {{ ref('int_bidder_pair') }} as pairs
        on
            places.bid_year = pairs.bid_year
            and places.supplier_a = pairs.supplier_a
            and places.supplier_b = pairs.supplier_b
    union all
    select
        places.org_code,
        'bidder_group' as subject_type,
        places.first_code as subject_id,
        places.bid_year,
        places.ring_id as region_key,
        places.local_lots,
        conduct.joint_tenders,
        cast(null as numeric(18, 6)) as expected,
        edges.lift,
        edges.p_value,
        edges.q_value,
        conduct.won_lots,
        conduct.cover_p,
        conduct.wins,
        conduct.turn_p,
        conduct.share_cv,
        edges.market_bidders
    from ring_places as places
    inner join {{ ref('int_ring_conduct') }} as conduct
        on
            places.bid_year = conduct.bid_year
            and places.ring_id = conduct.ring_id
    inner join edges
        on
            places.bid_year = edges.bid_year
            and places.ring_id = edges.ring_id
),

dated as (
    select
        subjects.*,
        make_date(bid_year, 1, 1) as period_start,
        make_date(bid_year, 12, 31) as period_end
    from subjects
),

limited as (
    select
        dated.*,
        min_joint.value as min_joint_tenders,
        min_lift.value as min_lift,
        max_q.value as max_q,
        alpha.value as alpha,
        min_wins.value as min_wins,
        max_share_cv.value as max_share_cv,
        min_market.value as min_market_bidders
    from dated
    {{ threshold_join('min_joint', 'PR08', 'min_joint_tenders', 'dated.org_code', 'dated.period_start') }}
    {{ threshold_join('min_lift', 'PR08', 'min_lift', 'dated.org_code', 'dated.period_start') }}
    {{ threshold_join('max_q', 'ALL', 'fdr_q', 'dated.org_code', 'dated.period_start') }}
    {{ threshold_join('alpha', 'PR08', 'max_p', 'dated.org_code', 'dated.period_start') }}
    {{ threshold_join('min_wins', 'PR08', 'min_wins', 'dated.org_code', 'dated.period_start') }}
    {{ threshold_join('max_share_cv', 'PR08', 'max_share_cv', 'dated.org_code', 'dated.period_start') }}
    {{ threshold_join('min_market', 'PR08', 'min_market_bidders', 'dated.org_code', 'dated.period_start') }}
),

signed as (
    select
        limited.*,
        case
            when cover_p <= alpha then 'cover'
            when wins >= min_wins and turn_p < alpha and share_cv < max_share_cv then 'rotation'
        end as sign
    from limited
),

judged as (
    select
        signed.*,
        case
            when joint_tenders < min_joint_tenders then 'below_volume'
            when won_lots = 0 then 'missing_winner'
            when sign is null then 'clear'
            when market_bidders < min_market_bidders then 'narrow_market'
            when lift < min_lift or q_value > max_q then 'clear'
            else 'fired'
        end as verdict
    from signed
),

outcomes as (
    select
        org_code,
        subject_type,
        subject_id,
        bid_year,
        region_key,
        period_start,
        period_end,
        p_value,
        q_value,
        round(expected, 2) as expected,
        {{ outcome_of('verdict', not_computable=['below_volume', 'missing_winner']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        local_lots as value,
        min_lift as threshold,
        sign as peer_group,
        market_bidders as peer_n,
        joint_tenders as n,
        round(lift, 2) as deviation
    from judged
),

pair_evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        bids.bid_key as row_key,
        0.5 as value,
        case when bids.is_winner then bids.award_amount else 0 end as risk_gross
    from outcomes
    inner join joint
        on
            outcomes.org_code = joint.org_code
            and outcomes.bid_year = joint.bid_year
            and outcomes.region_key = joint.supplier_a || '|' || joint.supplier_b
    inner join {{ ref('fct_bid') }} as bids
        on
            joint.org_code = bids.org_code
            and joint.lot_key = bids.lot_key
            and bids.supplier_code in (joint.code_a, joint.code_b)
    where outcomes.subject_type = 'bidder_pair' and outcomes.outcome in ('fired', 'guarded')
),

group_evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        ring_bids.bid_key as row_key,
        cast(1 as numeric(18, 8)) / ring_lots.ring_bidders as value,
        ring_bids.awarded as risk_gross
    from outcomes
    inner join ring_lots
        on
            outcomes.org_code = ring_lots.org_code
            and outcomes.bid_year = ring_lots.bid_year
            and outcomes.region_key = ring_lots.ring_id
    inner join ring_bids
        on
            ring_lots.org_code = ring_bids.org_code
            and ring_lots.lot_key = ring_bids.lot_key
            and ring_lots.bid_year = ring_bids.bid_year
            and ring_lots.ring_id = ring_bids.ring_id
    where outcomes.subject_type = 'bidder_group' and outcomes.outcome in ('fired', 'guarded')
),

evidence as (
    select
        pair_evidence.*,
        'pr_bid' as source_table,
        cast(null as numeric(18, 2)) as risk_fund
    from pair_evidence
    union all
    select
        group_evidence.*,
        'pr_bid' as source_table,
        cast(null as numeric(18, 2)) as risk_fund
    from group_evidence
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'PR08', '1.2.0', 'subject_type', 'with_evidence',
            absent=['dept_code', 'doctor_code'],
        )
    }}
)

select * from indicator
