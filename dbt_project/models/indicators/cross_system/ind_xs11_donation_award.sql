-- Grain: one awarded lot of an open or invited tender and its winner, in the month of the opening of bids.
-- Rule: XS11, the winner gave to the hospital within the days before the opening, and the lot bears a sign: the first of
-- PR05, PR06, at most max_valid_bids valid bids, a contract tied to a donation. A donor to many hospitals is guarded; so is
-- equipment given to who buys its reagents, which is a practice of its own. value is what was given; no money is at risk.
-- Visits, interviews and free deliveries of the winner in the same days stand beside it. No gift where no register of them
-- was delivered is no answer: not computable.
-- Source: core.source_availability, core.fct_lot, core.fct_bid, core.fct_contract_row, core.fct_visit_contact, core.fct_interview,
-- core.fct_goods_received, core.dim_supplier, int_award_donation, ind_pr05_low_competition, ind_pr06_patterned_prices.
with lots as (
    select
        lots.org_code,
        lots.lot_key,
        lots.project_id,
        lots.lot_no,
        lots.domain,
        lots.open_month,
        cast(lots.open_time as date) as opened_on,
        lots.winner_supplier_code,
        coalesce(suppliers.supplier_id, lots.org_code || ':' || lots.winner_supplier_code) as winner_id
    from {{ ref('fct_lot') }} as lots
    left join {{ ref('dim_supplier') }} as suppliers
        on
            lots.org_code = suppliers.org_code
            and lots.winner_supplier_code = suppliers.supplier_code
    where
        lots.method in ('open', 'invited')
        and lots.outcome = 'awarded'
        and lots.open_month is not null
),

bids as (
    select * from {{ ref('fct_bid') }}
),

bid_counts as (
    select
        org_code,
        lot_key,
        cast(sum(case when is_valid then 1 else 0 end) as integer) as valid_bids
    from bids
    group by org_code, lot_key
),

signs as (
    select
        org_code,
        subject_id as lot_key,
        max(case when indicator_id = 'PR05' then 1 else 0 end) as has_low_competition,
        max(case when indicator_id = 'PR06' then 1 else 0 end) as has_pattern
    from (
        select
            org_code,
            subject_id,
            indicator_id
        from {{ ref('ind_pr05_low_competition') }}
        where outcome = 'fired'
        union all
        select
            org_code,
            subject_id,
            indicator_id
        from {{ ref('ind_pr06_patterned_prices') }}
        where outcome = 'fired'
    ) as fired
    group by org_code, subject_id
),

tied_contracts as (
    select
        lots.org_code,
        lots.lot_key,
        contracts.contract_id
    from lots
    inner join {{ ref('fct_contract_row') }} as contracts
        on
            lots.org_code = contracts.org_code
            and lots.project_id = contracts.project_id
            and lots.winner_supplier_code = contracts.supplier_code
            and lots.lot_no = coalesce(contracts.lot_no, lots.lot_no)
    where contracts.is_donation_linked
),

tied as (
    select
        org_code,
        lot_key,
        count(*) as contract_count
    from tied_contracts
    group by org_code, lot_key
),

donations as (
    select * from {{ ref('int_award_donation') }}
),

given as (
    select
        org_code,
        lot_key,
        count(*) as donation_count,
        sum(amount) as amount,
        max(donor_hospitals) as donor_hospitals,
        min(case when kind = 'equipment' then 1 else 0 end) as is_equipment
    from donations
    group by org_code, lot_key
),

registers as (
    select distinct
        org_code,
        month_start
    from {{ ref('source_availability') }}
    where table_name in ('sv_donation', 'sv_interview')
),

seen as (
    select
        lots.*,
        registers.org_code is not null as has_register,
        bid_counts.valid_bids,
        given.donation_count,
        coalesce(given.amount, 0) as value,
        given.donor_hospitals,
        case when given.is_equipment = 1 and lots.domain = 'reagent' then 1 else 0 end as is_placement,
        cast(max_valid_bids.value as integer) as threshold,
        nationwide_hospitals.value as nationwide_hospitals,
        window_before.value as window_before,
        case
            when signs.has_low_competition = 1 then 'low_competition'
            when signs.has_pattern = 1 then 'patterned_bids'
            when bid_counts.valid_bids <= max_valid_bids.value then 'few_valid_bids'
            when tied.contract_count > 0 then 'donation_linked'
        end as sign
    from lots
    left join bid_counts
        on
            lots.org_code = bid_counts.org_code
            and lots.lot_key = bid_counts.lot_key
    left join signs
        on
            lots.org_code = signs.org_code
            and lots.lot_key = signs.lot_key
    left join tied
        on
            lots.org_code = tied.org_code
            and lots.lot_key = tied.lot_key
    left join given
        on
            lots.org_code = given.org_code
            and lots.lot_key = given.lot_key
    left join registers
        on
            lots.org_code = registers.org_code
            and lots.open_month = registers.month_start
    {{ threshold_join('max_valid_bids', 'XS11', 'max_valid_bids', 'lots.org_code', 'lots.open_month') }}
    {{ threshold_join('nationwide_hospitals', 'XS11', 'nationwide_hospitals', 'lots.org_code', 'lots.open_month') }}
    {{ threshold_join('window_before', 'XS11', 'donation_window_before', 'lots.org_code', 'lots.open_month') }}
),

judged as (
    select
        seen.*,
        case
            when winner_supplier_code is null then 'missing_winner'
            when donation_count is null and not has_register then 'missing_register'
            when donation_count is null then 'clear'
            when sign is null and valid_bids is null then 'missing_bids'
            when sign is null then 'clear'
            when donor_hospitals >= nationwide_hospitals then 'nationwide_donor'
            when is_placement = 1 then 'reagent_placement'
            else 'fired'
        end as verdict
    from seen
),

outcomes as (
    select
        judged.*,
        lot_key || '|' || coalesce(winner_supplier_code, '') as subject_id,
        open_month as period_start,
        {{ add_days(add_months('open_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['missing_winner', 'missing_register', 'missing_bids']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        sign as peer_group,
        valid_bids as n
    from judged
),

decisive as (
    select
        outcomes.*,
        {{ add_days('opened_on', '-1 * cast(window_before as integer)') }} as window_start
    from outcomes
    where outcome in ('fired', 'guarded')
),

suppliers as (
    select * from {{ ref('dim_supplier') }}
),

visits as (
    select distinct
        contacts.org_code,
        contacts.visit_id,
        contacts.visit_date,
        suppliers.supplier_id
    from {{ ref('fct_visit_contact') }} as contacts
    inner join suppliers
        on
            contacts.org_code = suppliers.org_code
            and contacts.supplier_code = suppliers.supplier_code
),

interviews as (
    select
        interviews.org_code,
        interviews.interview_id,
        interviews.held_on,
        suppliers.supplier_id
    from {{ ref('fct_interview') }} as interviews
    inner join suppliers
        on
            interviews.org_code = suppliers.org_code
            and interviews.party_code = suppliers.supplier_code
    where interviews.party_type = 'supplier'
),

free_goods as (
    select
        received.org_code,
        received.line_key,
        cast(received.receipt_time as date) as received_on,
        suppliers.supplier_id
    from {{ ref('fct_goods_received') }} as received
    inner join suppliers
        on
            received.org_code = suppliers.org_code
            and received.supplier_code = suppliers.supplier_code
    where received.is_gift
),

named_rows as (
    select
        decisive.org_code,
        decisive.subject_id,
        decisive.period_start,
        decisive.outcome,
        'sv_donation' as source_table,
        donations.donation_id as row_key,
        donations.amount as value
    from decisive
    inner join donations
        on
            decisive.org_code = donations.org_code
            and decisive.lot_key = donations.lot_key
    union all
    select
        decisive.org_code,
        decisive.subject_id,
        decisive.period_start,
        decisive.outcome,
        'pr_bid' as source_table,
        bids.bid_key as row_key,
        0 as value
    from decisive
    inner join bids
        on
            decisive.org_code = bids.org_code
            and decisive.lot_key = bids.lot_key
    union all
    select
        decisive.org_code,
        decisive.subject_id,
        decisive.period_start,
        decisive.outcome,
        'pr_contract' as source_table,
        tied_contracts.contract_id as row_key,
        0 as value
    from decisive
    inner join tied_contracts
        on
            decisive.org_code = tied_contracts.org_code
            and decisive.lot_key = tied_contracts.lot_key
    union all
    select
        decisive.org_code,
        decisive.subject_id,
        decisive.period_start,
        decisive.outcome,
        'sv_visit' as source_table,
        visits.visit_id as row_key,
        0 as value
    from decisive
    inner join visits
        on
            decisive.org_code = visits.org_code
            and decisive.winner_id = visits.supplier_id
            and visits.visit_date between decisive.window_start and decisive.opened_on
    union all
    select
        decisive.org_code,
        decisive.subject_id,
        decisive.period_start,
        decisive.outcome,
        'sv_interview' as source_table,
        interviews.interview_id as row_key,
        0 as value
    from decisive
    inner join interviews
        on
            decisive.org_code = interviews.org_code
            and decisive.winner_id = interviews.supplier_id
            and interviews.held_on between decisive.window_start and decisive.opened_on
    union all
    select
        decisive.org_code,
        decisive.subject_id,
        decisive.period_start,
        decisive.outcome,
        'pr_receipt' as source_table,
        free_goods.line_key as row_key,
        0 as value
    from decisive
    inner join free_goods
        on
            decisive.org_code = free_goods.org_code
            and decisive.winner_id = free_goods.supplier_id
            and free_goods.received_on between decisive.window_start and decisive.opened_on
),

evidence as (
    select
        named_rows.*,
        cast(null as numeric(18, 2)) as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from named_rows
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'XS11', '1.1.0', "'supplier_award'", 'with_evidence',
            absent=['dept_code', 'doctor_code', 'expected', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
