-- Grain: one group of bidders (int_bidder_ring) and year: how it shares the lots for which two or more of it bid.
-- Rule: as for pairs: cover_p where one member won all that the group won, else the changes of the winner (turn_p)
-- and the coefficient of variation of the members' numbers of wins (share_cv). Lots whose winner is not known try nothing.
-- cover_p is the chance that any of the m members wins so many: at most m times that of one (Bonferroni).
-- Source: int_bidder_ring, core.fct_bid.
with log_factorials as (
    {{ log_factorials() }}
),

rings as (
    select * from {{ ref('int_bidder_ring') }}
),

bids as (
    select
        org_code,
        lot_key,
        org_code || '|' || project_id as tender_key,
        open_time,
        cast(extract(year from open_time) as integer) as open_year,
        supplier_id,
        max(case when is_winner then 1 else 0 end) as has_won
    from {{ ref('fct_bid') }}
    group by org_code, lot_key, project_id, open_time, extract(year from open_time), supplier_id
),

bidder_counts as (
    select
        org_code,
        lot_key,
        count(*) as bidders,
        max(has_won) as was_won
    from bids
    group by org_code, lot_key
),

ring_lots as (
    select
        rings.bid_year,
        rings.ring_id,
        bids.org_code,
        bids.lot_key,
        bids.tender_key,
        bids.open_time,
        count(*) as ring_bids,
        min(case when bids.has_won = 1 then bids.supplier_id end) as winner
    from rings
    inner join bids
        on
            rings.supplier_id = bids.supplier_id
            and bids.open_year in (rings.bid_year - 1, rings.bid_year)
    group by rings.bid_year, rings.ring_id, bids.org_code, bids.lot_key, bids.tender_key, bids.open_time
    having count(*) >= 2
),

sequences as (
    select
        ring_lots.*,
        lag(winner) over (
            partition by bid_year, ring_id
            order by open_time, org_code, lot_key
        ) as winner_before
    from ring_lots
    where winner is not null
),

wins as (
    select
        bid_year,
        ring_id,
        winner,
        {{ as_double('count(*)') }} as own_wins
    from sequences
    group by bid_year, ring_id, winner
),

shares as (
    select
        rings.bid_year,
        rings.ring_id,
        max(rings.member_count) as member_count,
        sum(coalesce(wins.own_wins, 0.0)) as wins,
        max(coalesce(wins.own_wins, 0.0)) as most_wins,
        sum(coalesce(wins.own_wins * wins.own_wins, 0.0)) as squares,
        sum(coalesce(wins.own_wins * wins.own_wins * wins.own_wins, 0.0)) as cubes,
        stddev_pop(coalesce(wins.own_wins, 0.0)) / nullif(avg(coalesce(wins.own_wins, 0.0)), 0.0) as share_cv
    from rings
    left join wins
        on
            rings.bid_year = wins.bid_year
            and rings.ring_id = wins.ring_id
            and rings.supplier_id = wins.winner
    group by rings.bid_year, rings.ring_id
),

turns as (
    select
        bid_year,
        ring_id,
        sum(case when winner_before is null or winner <> winner_before then 1 else 0 end) as runs
    from sequences
    group by bid_year, ring_id
),

lot_counts as (
    select
        ring_lots.bid_year,
        ring_lots.ring_id,
        cast(count(distinct ring_lots.tender_key) as integer) as joint_tenders,
        cast(count(*) as integer) as joint_lots,
        cast(sum(bidder_counts.was_won) as integer) as won_lots,
        {{ as_double('avg(case when bidder_counts.was_won = 1 then 1.0 / bidder_counts.bidders end)') }} as win_chance
    from ring_lots
    inner join bidder_counts
        on
            ring_lots.org_code = bidder_counts.org_code
            and ring_lots.lot_key = bidder_counts.lot_key
    group by ring_lots.bid_year, ring_lots.ring_id
),

measured as (
    select
        shares.*,
        lot_counts.joint_tenders,
        lot_counts.joint_lots,
        lot_counts.won_lots,
        lot_counts.win_chance,
        {{ runs_z('turns.runs', 'shares.wins', 'shares.squares', 'shares.cubes') }} as z
    from shares
    inner join lot_counts
        on
            shares.bid_year = lot_counts.bid_year
            and shares.ring_id = lot_counts.ring_id
    left join turns
        on
            shares.bid_year = turns.bid_year
            and shares.ring_id = turns.ring_id
),

cover_tails as (
    select
        measured.bid_year,
        measured.ring_id,
        {{
            binomial_upper_tail(
                'measured.most_wins', 'measured.won_lots', 'measured.win_chance', 'counts.k',
                ['trials.log_factorial', 'counts.log_factorial', 'others.log_factorial'],
            )
        }} as cover_p
    from measured
    inner join log_factorials as trials on measured.won_lots = trials.k
    inner join log_factorials as counts on counts.k <= measured.won_lots
    inner join log_factorials as others on others.k = measured.won_lots - counts.k
    where measured.most_wins = measured.wins and measured.wins > 0
    group by measured.bid_year, measured.ring_id
),

conduct as (
    select
        measured.bid_year,
        measured.ring_id,
        measured.member_count,
        measured.joint_tenders,
        measured.joint_lots,
        measured.won_lots,
        cast(measured.wins as integer) as wins,
        cast(
            case when cover_tails.cover_p is not null then least(1.0, measured.member_count * cover_tails.cover_p) end
            as numeric(18, 8)
        ) as cover_p,
        cast({{ upper_tail_p('measured.z') }} as numeric(18, 8)) as turn_p,
        cast(measured.share_cv as numeric(18, 6)) as share_cv
    from measured
    left join cover_tails
        on
            measured.bid_year = cover_tails.bid_year
            and measured.ring_id = cover_tails.ring_id
)

select * from conduct
