-- Grain: one organisation, two suppliers that bid for the same lot, and month in which the bids were opened.
-- Rule: PR07, the weights of what two bids of one lot have in common add up to PR07.min_score: one account, one
-- device or one controller alone, a person, document or address only together. Of each group of traces the
-- heaviest counts. What many companies show (public terminals, exits of parks, templates) is left out, and where
-- only that makes the sum the pair is guarded. At risk is what one of the two was awarded: an award by collusion
-- is void.
-- Source: int_bidder_link, core.fct_bid.
with bids as (
    select
        fct_bid.*,
        coalesce(
            upload_ip, upload_mac, disk_serial, software_lock_no, deposit_account_key, agent_person_key,
            doc_author, doc_last_modified_by, doc_sha256, {{ as_text('doc_simhash') }}
        ) is not null as has_traces
    from {{ ref('fct_bid') }} as fct_bid
),

pairs as (
    select
        one.org_code,
        one.lot_key,
        one.open_month,
        one.supplier_code as supplier_a,
        other.supplier_code as supplier_b,
        one.bid_key as bid_key_a,
        other.bid_key as bid_key_b,
        one.has_traces and other.has_traces as has_traces
    from bids as one
    inner join bids as other
        on
            one.org_code = other.org_code
            and one.lot_key = other.lot_key
            and one.supplier_code < other.supplier_code
),

groups as (
    select
        org_code,
        bid_key_a,
        bid_key_b,
        link_group,
        max(case when is_common then 0 else weight end) as weight,
        max(weight) as weight_with_common,
        max(case when is_common and link_group in ('device', 'address', 'account', 'person') then 1 else 0 end) as common_place
    from {{ ref('int_bidder_link') }}
    group by org_code, bid_key_a, bid_key_b, link_group
),

scores as (
    select
        org_code,
        bid_key_a,
        bid_key_b,
        sum(weight) as score,
        sum(weight_with_common) as score_with_common,
        max(common_place) as common_place
    from groups
    group by org_code, bid_key_a, bid_key_b
),

judged as (
    select
        pairs.org_code,
        pairs.supplier_a || '|' || pairs.supplier_b as subject_id,
        pairs.open_month as period_start,
        pairs.lot_key,
        pairs.bid_key_a,
        pairs.bid_key_b,
        min_score.value as min_score,
        coalesce(scores.score, 0) as score,
        coalesce(scores.score_with_common, 0) as score_with_common,
        case
            when scores.score >= min_score.value then 'fired'
            when scores.score_with_common >= min_score.value and scores.common_place = 1 then 'common_place'
            when scores.score_with_common >= min_score.value then 'common_document'
            when not pairs.has_traces then 'missing_bid_traces'
            else 'clear'
        end as verdict
    from pairs
    left join scores
        on
            pairs.org_code = scores.org_code
            and pairs.bid_key_a = scores.bid_key_a
            and pairs.bid_key_b = scores.bid_key_b
    {{ threshold_join('min_score', 'PR07', 'min_score', 'pairs.org_code', 'pairs.open_month') }}
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', not_computable=['missing_bid_traces']) }} as outcome,
        case when verdict in ('common_place', 'common_document') then score_with_common else score end as shown_score
    from judged
),

pair_months as (
    {{
        subject_months(
            'outcomes',
            columns={
                'threshold': 'max(min_score)',
                'fired_lots': "sum(case when outcome = 'fired' then 1 else 0 end)",
                'fired_score': "max(case when outcome = 'fired' then shown_score end)",
                'guarded_score': "max(case when outcome = 'guarded' then shown_score end)",
                'clear_score': 'max(score)',
            },
        )
    }}
),

counted as (
    select
        org_code,
        subject_id,
        period_start,
        period_end,
        outcome,
        reason,
        zone,
        state,
        threshold,
        case outcome when 'fired' then fired_score when 'guarded' then guarded_score else clear_score end as value,
        case outcome when 'fired' then fired_lots else n end as n
    from pair_months
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_bid' as source_table,
        bids.bid_key as row_key,
        outcomes.shown_score as value,
        case when bids.is_winner then bids.award_amount else 0 end as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join bids
        on
            outcomes.org_code = bids.org_code
            and bids.bid_key in (outcomes.bid_key_a, outcomes.bid_key_b)
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('counted', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'PR07', '1.0.0', "'bidder_pair'", 'with_evidence',
            absent=[
                'dept_code', 'doctor_code', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value',
            ],
        )
    }}
)

select * from indicator
