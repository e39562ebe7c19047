-- Grain: one project and rule of its time limits; of several lots the one that is furthest off.
-- Rule: between the documents and the deadline lie at least PR09.min_submission_days (open tenders: those of
-- government_open); the winner bids by the deadline; the contract is signed after the result and its publicity, within
-- PR09.max_sign_days of the result, and nothing is billed or paid before it. An emergency on file (purchase_excuse)
-- excuses. A rule has a row where its stage was reached: without contract there is nothing to say of signing, and of a
-- supplement without its contract neither when the contract was signed.
-- Source: core.fct_procurement_chain, ref.code_label.
with chain as (
    select
        chain.*,
        cast(coalesce(doc_sale_start, notice_time) as date) as documents_on,
        cast(bid_deadline as date) as deadline_on,
        cast(result_notice_time as date) as result_on,
        greatest(cast(result_notice_time as date), cast(publicity_end as date)) as settled_on,
        least(first_invoice_date, first_payment_date) as billed_on,
        coalesce(tenders.category, '') as submission_qualifier
    from {{ ref('fct_procurement_chain') }} as chain
    left join {{ ref('code_label') }} as tenders
        on
            chain.method = tenders.code
            and tenders.code_set = 'tender_method'
    where chain.has_project
),

limited as (
    select
        chain.*,
        min_days.value as min_submission_days,
        max_days.value as max_sign_days
    from chain
    {{
        threshold_join(
            'min_days', 'PR09', 'min_submission_days', 'chain.org_code', 'chain.chain_month',
            qualifier_sql='chain.submission_qualifier',
        )
    }}
    {{ threshold_join('max_days', 'PR09', 'max_sign_days', 'chain.org_code', 'chain.chain_month') }}
),

urgent as (
    select distinct
        limited.org_code,
        limited.project_id
    from limited
    inner join {{ ref('code_label') }} as excuses
        on
            excuses.code_set = 'purchase_excuse'
            and excuses.category = 'emergency'
            and limited.single_source_reason like '%' || excuses.code || '%'
),

-- How far a rule is from its limit: `value` against `max_value`, or what is missing to tell.
checks as (
    select
        org_code,
        project_id,
        chain_month,
        'short_notice' as rule_code,
        {{ days_between('documents_on', 'deadline_on') }} as value,
        min_submission_days as threshold,
        min_submission_days - {{ days_between('documents_on', 'deadline_on') }} as excess,
        case when documents_on is null then 'missing_notice_time' when deadline_on is null then 'missing_deadline' end as lacks
    from limited
    where is_tender
    union all
    select
        org_code,
        project_id,
        chain_month,
        'late_bid' as rule_code,
        case when winning_bid_time > bid_deadline then 1 else 0 end as value,
        0 as threshold,
        case when winning_bid_time > bid_deadline then 1 else 0 end as excess,
        case when bid_deadline is null then 'missing_deadline' when winning_bid_time is null then 'missing_bid_time' end as lacks
    from limited
    where is_tender and award_amount is not null
    union all
    select
        org_code,
        project_id,
        chain_month,
        'signed_before_result' as rule_code,
        {{ days_between('sign_date', 'settled_on') }} as value,
        0 as threshold,
        {{ days_between('sign_date', 'settled_on') }} as excess,
        case when lacks_parent then 'missing_parent_contract' when settled_on is null then 'missing_result_time' end as lacks
    from limited
    where is_competitive and sign_date is not null
    union all
    select
        org_code,
        project_id,
        chain_month,
        'signed_late' as rule_code,
        {{ days_between('result_on', 'sign_date') }} as value,
        max_sign_days as threshold,
        {{ days_between('result_on', 'sign_date') }} - max_sign_days as excess,
        case when lacks_parent then 'missing_parent_contract' when result_on is null then 'missing_result_time' end as lacks
    from limited
    where is_competitive and sign_date is not null
    union all
    select
        org_code,
        project_id,
        chain_month,
        'billed_before_contract' as rule_code,
        {{ days_between('billed_on', 'sign_date') }} as value,
        0 as threshold,
        {{ days_between('billed_on', 'sign_date') }} as excess,
        case when lacks_parent then 'missing_parent_contract' end as lacks
    from limited
    where sign_date is not null and billed_on is not null
),

judged as (
    select
        checks.*,
        case
            when checks.lacks is not null then checks.lacks
            when checks.excess <= 0 then 'clear'
            when urgent.project_id is not null then 'emergency'
            else 'fired'
        end as verdict
    from checks
    left join urgent
        on
            checks.org_code = urgent.org_code
            and checks.project_id = urgent.project_id
),

ranked as (
    select
        judged.*,
        row_number() over (
            partition by org_code, project_id, rule_code
            order by
                case verdict when 'fired' then 1 when 'emergency' then 3 when 'clear' then 4 else 2 end,
                excess desc, value desc, chain_month
        ) as place
    from judged
),

worst as (
    select
        org_code,
        project_id,
        rule_code,
        chain_month,
        cast(value as numeric(18, 4)) as value,
        cast(threshold as numeric(18, 4)) as threshold,
        verdict
    from ranked
    where place = 1
)

select * from worst
