-- Grain: two suppliers of the region that both bid PR08.min_bids times or more in a calendar year and the one before.
-- Rule: the lots of one tender are one meeting: who comes for one of its items is there for the others. Chance keeps how
-- often each company bids in a category and how many bid for each tender: with a and b of the M bids of a category two
-- companies meet in a b / (M (M - 1)) x sum n (n - 1) of its tenders (Chung and Lu 2002), summed over the categories in
-- which both bid. p is the Poisson chance of so many joint tenders, q over all pairs of the year, those that never met
-- included. cover_p: the chance that the one who wins more of the joint lots wins so many if every bidder of a lot is as
-- likely to win, doubled as it may be either of the two; where the other wins none. turn_p: the chance of so many changes
-- between the two over the lots that one of them won; share_cv how unequally they share these.
-- Source: int_joint_bid, core.fct_bid.
with log_factorials as (
    {{ log_factorials() }}
),

bids as (
    select distinct
        org_code || '|' || project_id as tender_key,
        category_code,
        cast(extract(year from open_time) as integer) as open_year,
        supplier_id
    from {{ ref('fct_bid') }}
),

tender_sizes as (
    select
        tender_key,
        category_code,
        open_year,
        count(*) as bidders
    from bids
    group by tender_key, category_code, open_year
),

years as (
    select distinct open_year as bid_year from bids
),

markets as (
    select
        years.bid_year,
        tender_sizes.category_code,
        {{ as_double('sum(tender_sizes.bidders)') }} as bids,
        {{ as_double('sum(tender_sizes.bidders * (tender_sizes.bidders - 1))') }} as meetings
    from tender_sizes
    inner join years on tender_sizes.open_year in (years.bid_year - 1, years.bid_year)
    group by years.bid_year, tender_sizes.category_code
),

activities as (
    select
        years.bid_year,
        bids.category_code,
        bids.supplier_id,
        count(*) as own_bids
    from bids
    inner join years on bids.open_year in (years.bid_year - 1, years.bid_year)
    group by years.bid_year, bids.category_code, bids.supplier_id
),

-- Shared values of the whole region: what the rule's general row says holds for a test across organisations.
parameters as (
    select max(case when param = 'min_bids' then value end) as min_bids
    from {{ ref('threshold') }}
    where indicator_id = 'PR08' and scope = '*' and valid_to is null
),

active as (
    select
        activities.bid_year,
        activities.supplier_id
    from activities
    cross join parameters
    group by activities.bid_year, activities.supplier_id, parameters.min_bids
    having sum(activities.own_bids) >= parameters.min_bids
),

own_markets as (
    select activities.*
    from activities
    inner join active
        on
            activities.bid_year = active.bid_year
            and activities.supplier_id = active.supplier_id
),

market_bidders as (
    select
        bid_year,
        category_code,
        count(*) as bidders
    from activities
    group by bid_year, category_code
),

expectations as (
    select
        one.bid_year,
        one.supplier_id as supplier_a,
        other.supplier_id as supplier_b,
        sum(one.own_bids * other.own_bids * markets.meetings / nullif(markets.bids * (markets.bids - 1.0), 0)) as expected
    from own_markets as one
    inner join own_markets as other
        on
            one.bid_year = other.bid_year
            and one.category_code = other.category_code
            and one.supplier_id < other.supplier_id
    inner join markets
        on
            one.bid_year = markets.bid_year
            and one.category_code = markets.category_code
    group by one.bid_year, one.supplier_id, other.supplier_id
),

joint as (
    select * from {{ ref('int_joint_bid') }}
),

sequences as (
    select
        joint.*,
        lag(winner) over (
            partition by bid_year, supplier_a, supplier_b
            order by open_time, org_code, lot_key
        ) as winner_before
    from joint
    where winner in ('a', 'b')
),

turns as (
    select
        bid_year,
        supplier_a,
        supplier_b,
        {{ as_double('count(*)') }} as wins,
        {{ as_double("sum(case when winner = 'a' then 1 else 0 end)") }} as wins_a,
        {{ as_double("sum(case when winner = 'b' then 1 else 0 end)") }} as wins_b,
        sum(case when winner_before is null or winner <> winner_before then 1 else 0 end) as runs
    from sequences
    group by bid_year, supplier_a, supplier_b
),

met as (
    select
        joint.bid_year,
        joint.supplier_a,
        joint.supplier_b,
        cast(count(distinct joint.tender_key) as integer) as joint_tenders,
        cast(count(*) as integer) as joint_lots,
        cast(sum(case when joint.winner is null then 0 else 1 end) as integer) as won_lots,
        cast(sum(case when joint.winner = 'a' then 1 else 0 end) as integer) as wins_a,
        cast(sum(case when joint.winner = 'b' then 1 else 0 end) as integer) as wins_b,
        avg(case when joint.winner is not null then 1.0 / joint.bidders end) as win_chance,
        cast(avg(joint.over_winner) as numeric(18, 6)) as over_winner,
        cast(stddev_samp(joint.over_winner) as numeric(18, 6)) as over_winner_sd,
        cast(min(market_bidders.bidders) as integer) as market_bidders
    from joint
    inner join market_bidders
        on
            joint.bid_year = market_bidders.bid_year
            and joint.category_code = market_bidders.category_code
    group by joint.bid_year, joint.supplier_a, joint.supplier_b
),

tested as (
    select
        expectations.bid_year,
        expectations.supplier_a,
        expectations.supplier_b,
        expectations.expected,
        coalesce(met.joint_tenders, 0) as joint_tenders,
        coalesce(met.joint_lots, 0) as joint_lots,
        met.won_lots,
        met.wins_a,
        met.wins_b,
        {{ as_double('met.win_chance') }} as win_chance,
        met.over_winner,
        met.over_winner_sd,
        met.market_bidders,
        turns.wins as shared_wins,
        turns.wins_a as turns_a,
        turns.wins_b as turns_b,
        turns.runs
    from expectations
    left join met
        on
            expectations.bid_year = met.bid_year
            and expectations.supplier_a = met.supplier_a
            and expectations.supplier_b = met.supplier_b
    left join turns
        on
            expectations.bid_year = turns.bid_year
            and expectations.supplier_a = turns.supplier_a
            and expectations.supplier_b = turns.supplier_b
    where expectations.expected > 0
),

joint_tails as (
    select
        tested.bid_year,
        tested.supplier_a,
        tested.supplier_b,
        {{ poisson_upper_tail('tested.joint_tenders', 'tested.expected', 'counts.k', 'counts.log_factorial') }} as p_value
    from tested
    inner join log_factorials as counts on counts.k <= tested.joint_tenders
    group by tested.bid_year, tested.supplier_a, tested.supplier_b
),

cover_tails as (
    select
        tested.bid_year,
        tested.supplier_a,
        tested.supplier_b,
        {{
            binomial_upper_tail(
                'greatest(tested.wins_a, tested.wins_b)', 'tested.won_lots', 'tested.win_chance', 'counts.k',
                ['trials.log_factorial', 'counts.log_factorial', 'others.log_factorial'],
            )
        }} as cover_p
    from tested
    inner join log_factorials as trials on tested.won_lots = trials.k
    inner join log_factorials as counts on counts.k <= tested.won_lots
    inner join log_factorials as others on others.k = tested.won_lots - counts.k
    where least(tested.wins_a, tested.wins_b) = 0 and greatest(tested.wins_a, tested.wins_b) > 0
    group by tested.bid_year, tested.supplier_a, tested.supplier_b
),

turn_z as (
    select
        tested.*,
        {{
            runs_z(
                'runs', 'shared_wins', '(turns_a * turns_a + turns_b * turns_b)',
                '(turns_a * turns_a * turns_a + turns_b * turns_b * turns_b)',
            )
        }} as z
    from tested
),

combined as (
    select
        turn_z.bid_year,
        turn_z.supplier_a,
        turn_z.supplier_b,
        turn_z.joint_tenders,
        turn_z.joint_lots,
        cast(turn_z.expected as numeric(18, 6)) as expected,
        cast(turn_z.joint_tenders / turn_z.expected as numeric(18, 4)) as lift,
        cast(coalesce(joint_tails.p_value, 1.0) as numeric(18, 8)) as p_value,
        turn_z.won_lots,
        turn_z.wins_a,
        turn_z.wins_b,
        cast(
            case when cover_tails.cover_p is not null then least(1.0, 2.0 * cover_tails.cover_p) end as numeric(18, 8)
        ) as cover_p,
        cast(turn_z.shared_wins as integer) as shared_wins,
        cast({{ upper_tail_p('turn_z.z') }} as numeric(18, 8)) as turn_p,
        cast(
            abs(turn_z.turns_a - turn_z.turns_b) / nullif(turn_z.turns_a + turn_z.turns_b, 0.0) as numeric(18, 6)
        ) as share_cv,
        turn_z.over_winner,
        turn_z.over_winner_sd,
        turn_z.market_bidders
    from turn_z
    left join joint_tails
        on
            turn_z.bid_year = joint_tails.bid_year
            and turn_z.supplier_a = joint_tails.supplier_a
            and turn_z.supplier_b = joint_tails.supplier_b
    left join cover_tails
        on
            turn_z.bid_year = cover_tails.bid_year
            and turn_z.supplier_a = cover_tails.supplier_a
            and turn_z.supplier_b = cover_tails.supplier_b
),

adjusted as (
    {{ benjamini_hochberg('combined', 'p_value', ['bid_year']) }}
)

select * from adjusted
