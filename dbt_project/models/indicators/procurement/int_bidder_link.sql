-- Grain: two bids of one lot and one kind of trace that they share.
-- Rule: an address counts where both were uploaded within PR07.address_minutes, author, editor and company of a
-- document where both were made within PR07.document_minutes. Texts count by the bits in which their fingerprints
-- differ, lines by the share of those with the same content and price (without fixed rates). is_common: the value
-- is held by PR07.common_holders companies or more, so that it says nothing about two of them.
-- Source: int_bidder_trace, core.fct_bid, core.fct_bid_item.
with traces as (
    select * from {{ ref('int_bidder_trace') }}
),

shared as (
    select
        one.org_code,
        one.lot_key,
        one.open_month,
        one.supplier_code as supplier_a,
        other.supplier_code as supplier_b,
        one.bid_key as bid_key_a,
        other.bid_key as bid_key_b,
        one.link_kind,
        min(one.holders) as holders,
        min(abs({{ minutes_between('one.bid_time', 'other.bid_time') }})) as upload_minutes,
        min(abs({{ minutes_between('one.doc_created_at', 'other.doc_created_at') }})) as document_minutes
    from traces as one
    inner join traces as other
        on
            one.org_code = other.org_code
            and one.lot_key = other.lot_key
            and one.link_kind = other.link_kind
            and one.trace = other.trace
            and one.supplier_code < other.supplier_code
    group by
        one.org_code,
        one.lot_key,
        one.open_month,
        one.supplier_code,
        other.supplier_code,
        one.bid_key,
        other.bid_key,
        one.link_kind
),

texts as (
    select
        one.org_code,
        one.lot_key,
        one.open_month,
        one.supplier_code as supplier_a,
        other.supplier_code as supplier_b,
        one.bid_key as bid_key_a,
        other.bid_key as bid_key_b,
        {{ hamming_distance('one.doc_simhash', 'other.doc_simhash') }} as bits_apart
    from {{ ref('fct_bid') }} as one
    inner join {{ ref('fct_bid') }} as other
        on
            one.org_code = other.org_code
            and one.lot_key = other.lot_key
            and one.supplier_code < other.supplier_code
    where one.doc_simhash is not null and other.doc_simhash is not null
),

bid_lines as (
    select * from {{ ref('fct_bid_item') }}
    where not is_fixed_rate
),

line_counts as (
    select
        org_code,
        bid_key,
        count(*) as line_count
    from bid_lines
    group by org_code, bid_key
),

equal_lines as (
    select
        one.org_code,
        one.bid_key as bid_key_a,
        other.bid_key as bid_key_b,
        count(*) as equal_count
    from bid_lines as one
    inner join bid_lines as other
        on
            one.org_code = other.org_code
            and one.lot_key = other.lot_key
            and one.line_no = other.line_no
            and one.item_desc = other.item_desc
            and one.unit_price = other.unit_price
            and one.supplier_code < other.supplier_code
    group by one.org_code, one.bid_key, other.bid_key
),

-- Jaccard index: equal lines over all lines of both.
line_overlaps as (
    select
        equal_lines.org_code,
        bids_a.lot_key,
        bids_a.open_month,
        bids_a.supplier_code as supplier_a,
        bids_b.supplier_code as supplier_b,
        equal_lines.bid_key_a,
        equal_lines.bid_key_b,
        cast(equal_lines.equal_count as numeric(18, 6))
        / (lines_a.line_count + lines_b.line_count - equal_lines.equal_count) as overlap
    from equal_lines
    inner join line_counts as lines_a
        on
            equal_lines.org_code = lines_a.org_code
            and equal_lines.bid_key_a = lines_a.bid_key
    inner join line_counts as lines_b
        on
            equal_lines.org_code = lines_b.org_code
            and equal_lines.bid_key_b = lines_b.bid_key
    inner join {{ ref('fct_bid') }} as bids_a
        on
            equal_lines.org_code = bids_a.org_code
            and equal_lines.bid_key_a = bids_a.bid_key
    inner join {{ ref('fct_bid') }} as bids_b
        on
            equal_lines.org_code = bids_b.org_code
            and equal_lines.bid_key_b = bids_b.bid_key
),

candidates as (
    select
        org_code,
        lot_key,
        open_month,
        supplier_a,
        supplier_b,
        bid_key_a,
        bid_key_b,
        link_kind,
        holders,
        upload_minutes,
        document_minutes,
        cast(null as integer) as bits_apart,
        cast(null as numeric(18, 6)) as overlap
    from shared
    union all
    select
        org_code,
        lot_key,
        open_month,
        supplier_a,
        supplier_b,
        bid_key_a,
        bid_key_b,
        'document_text' as link_kind,
        2 as holders,
        null as upload_minutes,
        null as document_minutes,
        bits_apart,
        null as overlap
    from texts
    union all
    select
        org_code,
        lot_key,
        open_month,
        supplier_a,
        supplier_b,
        bid_key_a,
        bid_key_b,
        'priced_lines' as link_kind,
        2 as holders,
        null as upload_minutes,
        null as document_minutes,
        null as bits_apart,
        overlap
    from line_overlaps
),

limited as (
    select
        candidates.*,
        address_minutes.value as max_upload_minutes,
        document_minutes_limit.value as max_document_minutes,
        bits_high.value as max_bits_high,
        bits_similar.value as max_bits_similar,
        overlap_high.value as min_overlap_high,
        overlap_similar.value as min_overlap_similar,
        common_holders.value as min_common_holders
    from candidates
    {{ threshold_join('address_minutes', 'PR07', 'address_minutes', 'candidates.org_code', 'candidates.open_month') }}
    {{ threshold_join('document_minutes_limit', 'PR07', 'document_minutes', 'candidates.org_code', 'candidates.open_month') }}
    {{ threshold_join('bits_high', 'PR07', 'simhash_high', 'candidates.org_code', 'candidates.open_month') }}
    {{ threshold_join('bits_similar', 'PR07', 'simhash_similar', 'candidates.org_code', 'candidates.open_month') }}
    {{ threshold_join('overlap_high', 'PR07', 'jaccard_red', 'candidates.org_code', 'candidates.open_month') }}
    {{ threshold_join('overlap_similar', 'PR07', 'jaccard_orange', 'candidates.org_code', 'candidates.open_month') }}
    {{ threshold_join('common_holders', 'PR07', 'common_holders', 'candidates.org_code', 'candidates.open_month') }}
),

kept as (
    select
        limited.*,
        case
            when link_kind in ('same_company', 'control') then 'control'
            when link_kind = 'account' then 'account'
            when link_kind in ('network_card', 'disk', 'software_lock') then 'device'
            when link_kind in ('person', 'phone', 'affiliate') then 'person'
            when link_kind = 'address' then 'address'
            when link_kind = 'document_text' and bits_apart > max_bits_high then 'document_similar'
            when link_kind = 'priced_lines' and overlap < min_overlap_high then 'document_similar'
            else 'document'
        end as weight_of
    from limited
    where
        case
            when link_kind = 'address' then coalesce(upload_minutes <= max_upload_minutes, 1 = 0)
            when link_kind in ('document_author', 'document_editor', 'document_company')
                then coalesce(document_minutes <= max_document_minutes, 1 = 0)
            when link_kind = 'document_text' then bits_apart <= max_bits_similar
            when link_kind = 'priced_lines' then overlap >= min_overlap_similar
            else 1 = 1
        end
),

weighed as (
    select
        kept.org_code,
        kept.lot_key,
        kept.open_month,
        kept.supplier_a,
        kept.supplier_b,
        kept.bid_key_a,
        kept.bid_key_b,
        kept.link_kind,
        -- Of one group the heaviest link counts: three traces of one computer are one computer.
        case kept.weight_of when 'document_similar' then 'document' else kept.weight_of end as link_group,
        weights.value as weight,
        kept.holders,
        kept.weight_of <> 'control' and kept.link_kind <> 'affiliate' and kept.holders >= kept.min_common_holders as is_common,
        kept.bits_apart,
        cast(kept.overlap as numeric(18, 4)) as overlap
    from kept
    inner join {{ ref('org_threshold') }} as weights
        on
            kept.org_code = weights.org_code
            and kept.open_month between weights.valid_from and weights.valid_to
            and weights.indicator_id = 'PR07'
            and weights.param = 'weight_' || kept.weight_of
            and weights.qualifier = ''
)

select * from weighed
