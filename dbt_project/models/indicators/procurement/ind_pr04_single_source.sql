-- Grain: one purchase from a single source, in the month of its notice; one organisation, company group and calendar year
-- with such purchases; one organisation and calendar year.
-- Rule: PR04, a single source without reason on file or published for fewer than PR04.publicity_days working days, red from
-- the limit of open tender on, where the law asks for it, and yellow below or where that limit is not known; at least
-- three awards to one company group as a single source within 36 months (OCP); a share of single sources more than two
-- standard deviations and PR04.min_gap above the other hospitals. At risk are the purchases, of a share its excess.
-- Source: int_single_source, int_single_source_supplier, int_single_source_share.
with projects as (
    select
        single.*,
        min_days.value as min_days,
        case when reason_on_file is null then 1 else 0 end
        + case when working_days < min_days.value then 1 else 0 end as breaches
    from {{ ref('int_single_source') }} as single
    {{ threshold_join('min_days', 'PR04', 'publicity_days', 'single.org_code', 'single.chain_month') }}
    where single.is_single_source
),

project_verdicts as (
    select
        projects.*,
        case
            when breaches = 0 and publicity_lacks is not null then publicity_lacks
            when breaches = 0 then 'clear'
            when is_emergency then 'emergency'
            else 'fired'
        end as verdict,
        case when amount >= open_limit then 'red' else 'yellow' end as zone
    from projects
),

supplier_awards as (
    select * from {{ ref('int_single_source_supplier') }}
),

suppliers as (
    select
        org_code,
        supplier_code,
        purchase_year,
        count(*) as award_count,
        count(case when explained is null then 1 end) as counted,
        case
            when count(case when explained is null then 1 end) >= max(min_awards) then 'fired'
            when count(*) >= max(min_awards) then min(explained)
            else 'clear'
        end as verdict,
        max(min_awards) as min_awards
    from supplier_awards
    group by org_code, supplier_code, purchase_year
),

shares as (
    select * from {{ ref('int_single_source_share') }}
),

subjects as (
    select
        org_code,
        'single_source' as subject_type,
        project_id as subject_id,
        chain_month as period_start,
        {{ add_days(add_months('chain_month', 1), -1) }} as period_end,
        verdict,
        zone,
        '疑点' as state,
        breaches as value,
        0 as threshold,
        cast(null as numeric(18, 4)) as expected,
        cast(null as numeric(18, 4)) as deviation,
        cast(null as bigint) as peer_n,
        working_days as n
    from project_verdicts
    union all
    select
        org_code,
        'single_source_supplier' as subject_type,
        'single_source|' || supplier_code as subject_id,
        make_date(purchase_year, 1, 1) as period_start,
        make_date(purchase_year, 12, 31) as period_end,
        verdict,
        'yellow' as zone,
        '线索' as state,
        case verdict when 'fired' then counted else award_count end as value,
        min_awards as threshold,
        null as expected,
        null as deviation,
        null as peer_n,
        case verdict when 'fired' then counted else award_count end as n
    from suppliers
    union all
    select
        org_code,
        'hospital' as subject_type,
        org_code as subject_id,
        make_date(purchase_year, 1, 1) as period_start,
        make_date(purchase_year, 12, 31) as period_end,
        verdict,
        'yellow' as zone,
        '线索' as state,
        case verdict when 'explained' then single_amount else counted_amount end / nullif(total, 0) as value,
        mean_share + rate_sd * sd_share as threshold,
        mean_share as expected,
        deviation,
        peer_n,
        purchase_count as n
    from shares
),

outcomes as (
    select
        subjects.*,
        {{
            outcome_of(
                'verdict',
                not_computable=[
                    'missing_calendar', 'missing_publicity_start', 'missing_publicity_end', 'below_volume', 'no_peer_group',
                ],
            )
        }} as outcome,
        verdict as reason
    from subjects
),

rows_behind as (
    select
        org_code,
        'single_source' as subject_type,
        project_id as subject_id,
        chain_month as period_start,
        project_id as row_key,
        breaches as value,
        amount as risk_gross,
        true as is_counted
    from project_verdicts
    union all
    select
        org_code,
        'single_source_supplier' as subject_type,
        'single_source|' || supplier_code as subject_id,
        make_date(purchase_year, 1, 1) as period_start,
        project_id as row_key,
        1 as value,
        amount as risk_gross,
        explained is null as is_counted
    from supplier_awards
    union all
    select
        shares.org_code,
        'hospital' as subject_type,
        shares.org_code as subject_id,
        make_date(shares.purchase_year, 1, 1) as period_start,
        single.project_id as row_key,
        single.amount / nullif(shares.total, 0) as value,
        single.amount * greatest(0, 1 - shares.mean_share / nullif(shares.share, 0)) as risk_gross,
        single.exclusive_reason is null and not single.is_emergency as is_counted
    from shares
    inner join {{ ref('int_single_source') }} as single
        on
            shares.org_code = single.org_code
            and shares.purchase_year = extract(year from single.purchase_date)
            and single.is_single_source
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'pr_project' as source_table,
        rows_behind.row_key,
        rows_behind.value,
        rows_behind.risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    inner join rows_behind
        on
            outcomes.org_code = rows_behind.org_code
            and outcomes.subject_type = rows_behind.subject_type
            and outcomes.subject_id = rows_behind.subject_id
            and outcomes.period_start = rows_behind.period_start
    where outcomes.outcome in ('fired', 'guarded') and (rows_behind.is_counted or outcomes.outcome = 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'PR04', '1.1.0', 'subject_type', 'with_evidence',
            absent=['dept_code', 'doctor_code', 'peer_group', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
