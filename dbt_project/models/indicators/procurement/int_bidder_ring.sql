{#- Every member of a ring meets nearly every other: six links join any that was seen. -#}
{% set depth = 6 %}

-- Grain: one company in a group of at least three that significant pairs tie together in a calendar year and the one
-- before; ring_id is the smallest of the companies, lift and p-values are those of its weakest edge.
-- Rule: an edge is a pair of int_bidder_pair with PR08.min_joint_tenders, PR08.min_lift and ALL.fdr_q, whoever wins; a
-- group is a connected component over up to {{ depth }} edges.
-- Source: int_bidder_pair.
with parameters as (
    select
        max(case when indicator_id = 'PR08' and param = 'min_joint_tenders' then value end) as min_joint_tenders,
        max(case when indicator_id = 'PR08' and param = 'min_lift' then value end) as min_lift,
        max(case when indicator_id = 'ALL' and param = 'fdr_q' then value end) as max_q
    from {{ ref('threshold') }}
    where indicator_id in ('PR08', 'ALL') and scope = '*' and valid_to is null
),

edges as (
    select
        pairs.bid_year,
        {{ as_text('pairs.bid_year') }} || '|' || pairs.supplier_a as company_a,
        {{ as_text('pairs.bid_year') }} || '|' || pairs.supplier_b as company_b,
        pairs.supplier_a,
        pairs.supplier_b,
        pairs.lift,
        pairs.p_value,
        pairs.q_value,
        pairs.market_bidders
    from {{ ref('int_bidder_pair') }} as pairs
    cross join parameters
    where
        pairs.joint_tenders >= parameters.min_joint_tenders
        and pairs.lift >= parameters.min_lift
        and pairs.q_value <= parameters.max_q
),

links as (
    select
        company_a as company,
        company_b as neighbour
    from edges
    union
    select
        company_b as company,
        company_a as neighbour
    from edges
),

members as (
    select
        bid_year,
        company_a as company,
        supplier_a as supplier_id
    from edges
    union
    select
        bid_year,
        company_b as company,
        supplier_b as supplier_id
    from edges
),

companies as (
    select company from members
),

{{ company_groups(depth) }}

labelled as (
    select
        members.bid_year,
        members.supplier_id,
        labels.label,
        count(*) over (partition by labels.label) as member_count,
        min(members.supplier_id) over (partition by labels.label) as ring_id
    from members
    inner join label_{{ depth }} as labels on members.company = labels.company
),

edge_strengths as (
    select
        labels.label,
        cast(min(edges.lift) as numeric(18, 4)) as lift,
        cast(max(edges.p_value) as numeric(18, 8)) as p_value,
        cast(max(edges.q_value) as numeric(18, 8)) as q_value,
        min(edges.market_bidders) as market_bidders
    from edges
    inner join label_{{ depth }} as labels on edges.company_a = labels.company
    group by labels.label
),

rings as (
    select
        labelled.bid_year,
        labelled.ring_id,
        labelled.supplier_id,
        cast(labelled.member_count as integer) as member_count,
        edge_strengths.lift,
        edge_strengths.p_value,
        edge_strengths.q_value,
        edge_strengths.market_bidders
    from labelled
    inner join edge_strengths on labelled.label = edge_strengths.label
    where labelled.member_count >= 3
)

select * from rings
