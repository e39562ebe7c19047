{{ config(indexes=[{'columns': ['lead_id', 'edge_no'], 'unique': true}]) }}

-- Grain: one line of the network behind a lead about bidders (PR07, PR08) that still fires.
-- Rule: a bid joins a company and a lot; what two companies of the lead share or how often they met joins the
-- companies. Weights are comparable within one kind of edge only: 1 or 2 of a bid (2 where it won), the score of a
-- link, the number of lots. All edges of one lead are its network.
-- Source: lead, int_evidence_pointer, core.fct_bid, int_bidder_link, int_joint_bid, int_bidder_pair.
with leads as (
    select
        lead_id,
        indicator_id,
        org_code,
        subject_id,
        period_start,
        cast(extract(year from period_start) as integer) as bid_year
    from {{ ref('lead') }}
    where is_active and indicator_id in ('PR07', 'PR08')
),

labels as (
    select * from {{ ref('code_label') }}
),

lead_bids as (
    select
        leads.lead_id,
        leads.indicator_id,
        leads.bid_year,
        bids.org_code,
        bids.lot_key,
        bids.supplier_code,
        coalesce(bids.supplier_name, bids.supplier_code) as supplier_name,
        bids.supplier_id,
        bids.project_name,
        bids.open_time,
        bids.bid_amount,
        bids.is_winner
    from leads
    inner join {{ ref('int_evidence_pointer') }} as pointers on leads.lead_id = pointers.lead_id
    inner join {{ ref('fct_bid') }} as bids
        on
            pointers.org_code = bids.org_code
            and pointers.row_key = bids.bid_key
    where pointers.source_table = 'pr_bid'
),

companies as (
    select
        lead_id,
        supplier_code,
        min(supplier_name) as supplier_name
    from lead_bids
    group by lead_id, supplier_code
),

bid_edges as (
    select
        lead_id,
        supplier_code as source_id,
        supplier_name as source_label,
        lot_key as target_id,
        project_name || ' ' || {{ as_text('cast(open_time as date)') }} as target_label,
        'lot' as target_kind,
        case when is_winner then 'winning_bid' else 'bid' end as edge_kind,
        cast(case when is_winner then 2 else 1 end as numeric(18, 4)) as weight,
        coalesce('报价 ' || {{ as_money('bid_amount') }} || ' 元', '报价未填')
        || case when is_winner then '，中标' else '，未中标' end as evidence_zh
    from lead_bids
),

link_kinds as (
    select
        leads.lead_id,
        links.supplier_a,
        links.supplier_b,
        links.link_kind,
        max(links.weight) as weight,
        count(distinct links.lot_key) as lots
    from leads
    inner join {{ ref('int_bidder_link') }} as links
        on
            leads.org_code = links.org_code
            and leads.period_start = links.open_month
            and leads.subject_id = links.supplier_a || '|' || links.supplier_b
    where leads.indicator_id = 'PR07' and not links.is_common
    group by leads.lead_id, links.supplier_a, links.supplier_b, links.link_kind
),

link_edges as (
    select
        link_kinds.lead_id,
        link_kinds.supplier_a as source_id,
        one.supplier_name as source_label,
        link_kinds.supplier_b as target_id,
        other.supplier_name as target_label,
        'company' as target_kind,
        link_kinds.link_kind as edge_kind,
        cast(link_kinds.weight as numeric(18, 4)) as weight,
        '当月共同投标中有 ' || {{ as_text('link_kinds.lots') }} || ' 个标包见此关联' as evidence_zh
    from link_kinds
    inner join companies as one
        on
            link_kinds.lead_id = one.lead_id
            and link_kinds.supplier_a = one.supplier_code
    inner join companies as other
        on
            link_kinds.lead_id = other.lead_id
            and link_kinds.supplier_b = other.supplier_code
),

-- Which companies of a group met: those of one lot, each pair once.
meetings as (
    select
        one.lead_id,
        one.bid_year,
        one.supplier_code as code_a,
        min(one.supplier_name) as name_a,
        other.supplier_code as code_b,
        min(other.supplier_name) as name_b,
        least(min(one.supplier_id), min(other.supplier_id)) as supplier_a,
        greatest(min(one.supplier_id), min(other.supplier_id)) as supplier_b,
        count(*) as lots
    from lead_bids as one
    inner join lead_bids as other
        on
            one.lead_id = other.lead_id
            and one.lot_key = other.lot_key
            and one.supplier_code < other.supplier_code
    where one.indicator_id = 'PR08'
    group by one.lead_id, one.bid_year, one.supplier_code, other.supplier_code
),

meeting_edges as (
    select
        meetings.lead_id,
        meetings.code_a as source_id,
        meetings.name_a as source_label,
        meetings.code_b as target_id,
        meetings.name_b as target_label,
        'company' as target_kind,
        'joint_bids' as edge_kind,
        cast(meetings.lots as numeric(18, 4)) as weight,
        '本线索中共同投标 ' || {{ as_text('meetings.lots') }} || ' 个标包'
        || coalesce(
            '；本年及上年在全区域共同投标 ' || {{ as_text('pairs.joint_tenders') }} || ' 个项目，为随机预期的 '
            || {{ as_plain_number('round(pairs.lift, 2)') }} || ' 倍', ''
        ) as evidence_zh
    from meetings
    left join {{ ref('int_bidder_pair') }} as pairs
        on
            meetings.bid_year = pairs.bid_year
            and meetings.supplier_a = pairs.supplier_a
            and meetings.supplier_b = pairs.supplier_b
),

edges as (
    select * from bid_edges
    union all
    select * from link_edges
    union all
    select * from meeting_edges
),

labelled as (
    select
        edges.*,
        leads.org_code,
        row_number() over (
            partition by edges.lead_id
            order by edges.edge_kind, edges.source_id, edges.target_id
        ) as edge_no,
        edge_label.label_zh as edge_kind_zh,
        target_label.label_zh as target_kind_zh,
        source_label.label_zh as source_kind_zh
    from edges
    inner join leads on edges.lead_id = leads.lead_id
    left join labels as edge_label
        on edges.edge_kind = edge_label.code and edge_label.code_set in ('bidder_link', 'network_edge')
    left join labels as target_label
        on edges.target_kind = target_label.code and target_label.code_set = 'network_node'
    left join labels as source_label
        on source_label.code = 'company' and source_label.code_set = 'network_node'
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(org_code as varchar(12)) as org_code,
        cast(edge_no as integer) as edge_no,
        cast(source_id as varchar(200)) as source_id,
        cast(source_label as varchar(500)) as source_label,
        cast('company' as varchar(30)) as source_kind,
        cast(source_kind_zh as varchar(60)) as source_kind_zh,
        cast(target_id as varchar(200)) as target_id,
        cast(target_label as varchar(500)) as target_label,
        cast(target_kind as varchar(30)) as target_kind,
        cast(target_kind_zh as varchar(60)) as target_kind_zh,
        cast(edge_kind as varchar(30)) as edge_kind,
        cast(edge_kind_zh as varchar(60)) as edge_kind_zh,
        cast(weight as numeric(18, 4)) as weight,
        cast(evidence_zh as varchar(500)) as evidence_zh
    from labelled
)

select * from typed
