{{ config(indexes=[{'columns': ['lead_id', 'node_id'], 'unique': true}]) }}

-- Grain: one company or lot in the network behind a lead about bidders.
-- Rule: weight is the number of lots for which a company of the lead bid, and of the companies that bid for a lot. A lot
-- says where its prices stand among the lots of its category in the region, where there are enough of them.
-- Source: network_edge, lead, peers.peer_lot_price.
with bid_edges as (
    select * from {{ ref('network_edge') }}
    where edge_kind in ('bid', 'winning_bid')
),

ends as (
    select
        lead_id,
        source_id as node_id,
        source_label as label_zh,
        source_kind as kind,
        source_kind_zh as kind_zh,
        case when edge_kind = 'winning_bid' then 1 else 0 end as is_win
    from bid_edges
    union all
    select
        lead_id,
        target_id as node_id,
        target_label as label_zh,
        target_kind as kind,
        target_kind_zh as kind_zh,
        case when edge_kind = 'winning_bid' then 1 else 0 end as is_win
    from bid_edges
),

nodes as (
    select
        lead_id,
        node_id,
        min(label_zh) as label_zh,
        min(kind) as kind,
        min(kind_zh) as kind_zh,
        count(*) as weight,
        sum(is_win) as wins
    from ends
    group by lead_id, node_id
),

placed as (
    select
        nodes.*,
        lot_prices.market_lots,
        lot_prices.screen_place
    from nodes
    inner join {{ ref('lead') }} as leads on nodes.lead_id = leads.lead_id
    left join {{ ref('peer_lot_price') }} as lot_prices
        on
            nodes.kind = 'lot'
            and leads.org_code = lot_prices.org_code
            and nodes.node_id = lot_prices.lot_key
            and lot_prices.screen_place is not null
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(node_id as varchar(200)) as node_id,
        cast(label_zh as varchar(500)) as label_zh,
        cast(kind as varchar(30)) as kind,
        cast(kind_zh as varchar(60)) as kind_zh,
        cast(weight as numeric(18, 4)) as weight,
        cast(
            case
                when kind = 'company'
                    then
                        '参加本线索所列标包 ' || {{ as_text('weight') }} || ' 个，其中中标 ' || {{ as_text('wins') }} || ' 个'
                else
                    '本线索企业中有 ' || {{ as_text('weight') }} || ' 家投标，'
                    || case when wins > 0 then '由其中一家中标' else '均未中标' end
                    || coalesce(
                        '；报价比本区域同品类 ' || {{ as_text('market_lots') }} || ' 个标包中的 '
                        || {{ as_percent('screen_place') }} || ' 更整齐（仅供比较）', ''
                    )
            end as varchar(500)
        ) as evidence_zh
    from placed
)

select * from typed
