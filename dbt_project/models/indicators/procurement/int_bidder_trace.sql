-- Grain: one bid and one trace that it shares with others: what kind of trace, its value, and what it stands for.
-- Rule: link_group is what a trace says about the two that share it, `param` the weight it has. Owners count from
-- PR07.min_share upwards, as control from PR07.controlling_share; the same company under two records and affiliates
-- (dim_company_group) are links like persons are. holders is the number of companies in the whole region that show
-- the value: what a template or a public terminal leaves is held by many; control is never common.
-- Source: core.fct_bid, core.dim_supplier_key.
with bids as (
    select * from {{ ref('fct_bid') }}
),

affiliated_groups as (
    select supplier_group_id
    from {{ ref('dim_supplier') }}
    group by supplier_group_id
    having count(distinct supplier_id) > 1
),

people as (
    select
        bids.org_code,
        bids.lot_key,
        bids.bid_key,
        people.key_kind,
        people.key_value,
        people.share_pct,
        min_share.value as min_share,
        controlling_share.value as controlling_share
    from bids
    inner join {{ ref('dim_supplier_key') }} as people
        on
            bids.org_code = people.org_code
            and bids.supplier_code = people.supplier_code
    {{ threshold_join('min_share', 'PR07', 'min_share', 'bids.org_code', 'bids.open_month') }}
    {{ threshold_join('controlling_share', 'PR07', 'controlling_share', 'bids.org_code', 'bids.open_month') }}
),

stated as (
    select
        org_code,
        bid_key,
        'same_company' as link_kind,
        supplier_id as trace
    from bids
    union all
    select
        bids.org_code,
        bids.bid_key,
        'affiliate' as link_kind,
        bids.supplier_group_id as trace
    from bids
    inner join affiliated_groups on bids.supplier_group_id = affiliated_groups.supplier_group_id
    union
    select
        org_code,
        bid_key,
        'control' as link_kind,
        key_value as trace
    from people
    where key_kind = 'legal_rep' or (key_kind = 'shareholder' and share_pct >= controlling_share)
    union
    select
        org_code,
        bid_key,
        'person' as link_kind,
        key_value as trace
    from people
    where key_kind in ('legal_rep', 'director') or (key_kind = 'shareholder' and share_pct >= min_share)
    union
    select
        org_code,
        bid_key,
        'person' as link_kind,
        agent_person_key as trace
    from bids
    where agent_person_key is not null
    union
    select
        org_code,
        bid_key,
        'phone' as link_kind,
        key_value as trace
    from people
    where key_kind = 'phone'
    union all
    select
        org_code,
        bid_key,
        'account' as link_kind,
        deposit_account_key as trace
    from bids
    where deposit_account_key is not null
    union all
    select
        org_code,
        bid_key,
        'network_card' as link_kind,
        upload_mac as trace
    from bids
    where upload_mac is not null
    union all
    select
        org_code,
        bid_key,
        'disk' as link_kind,
        disk_serial as trace
    from bids
    where disk_serial is not null
    union all
    select
        org_code,
        bid_key,
        'software_lock' as link_kind,
        software_lock_no as trace
    from bids
    where software_lock_no is not null
    union all
    select
        org_code,
        bid_key,
        'document_file' as link_kind,
        doc_sha256 as trace
    from bids
    where doc_sha256 is not null
    union all
    select
        org_code,
        bid_key,
        'document_author' as link_kind,
        doc_author as trace
    from bids
    where doc_author is not null
    union all
    select
        org_code,
        bid_key,
        'document_editor' as link_kind,
        doc_last_modified_by as trace
    from bids
    where doc_last_modified_by is not null
    union all
    select
        org_code,
        bid_key,
        'document_company' as link_kind,
        doc_company as trace
    from bids
    where doc_company is not null
    union all
    select
        org_code,
        bid_key,
        'address' as link_kind,
        upload_ip as trace
    from bids
    where upload_ip is not null
),

traces as (
    select
        bids.org_code,
        bids.lot_key,
        bids.bid_key,
        bids.supplier_code,
        bids.supplier_id,
        bids.open_month,
        bids.bid_time,
        bids.doc_created_at,
        stated.link_kind,
        stated.trace
    from stated
    inner join bids
        on
            stated.org_code = bids.org_code
            and stated.bid_key = bids.bid_key
),

holders as (
    select
        link_kind,
        trace,
        count(distinct supplier_id) as holders
    from traces
    group by link_kind, trace
),

counted as (
    select
        traces.*,
        holders.holders
    from traces
    inner join holders
        on
            traces.link_kind = holders.link_kind
            and traces.trace = holders.trace
)

select * from counted
