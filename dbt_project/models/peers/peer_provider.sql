{{ config(indexes=[{'columns': ['cohort', 'org_code'], 'unique': true}]) }}

-- Grain: one provider with a claim in the window of its cohort, and whom it is compared with.
-- Rule: the window is the provider_parameter.window_months up to the cohort's last settled month. Peers are of
-- one level and type, else of one level, else the whole cohort: the narrowest with min_peers of min_claims claims.
with claims as (
    select * from {{ ref('fct_claim') }}
),

last_months as (
    select
        cohort,
        max(setl_month) as last_month
    from claims
    group by cohort
),

windows as (
    select
        cohort,
        {{ add_months('last_month', '1 - cast(' ~ provider_parameter('window_months') ~ ' as integer)') }} as first_month
    from last_months
),

providers as (
    select
        claims.cohort,
        claims.org_code,
        max(windows.first_month) as first_month,
        count(*) as claims,
        count(distinct claims.person_key) as persons,
        sum(case when claims.is_inpatient then 1 else 0 end) as stays,
        sum(claims.amount) as amount,
        sum(claims.fund_amount) as fund_amount,
        min(claims.setl_month) as period_start,
        max(claims.setl_month) as period_end
    from claims
    inner join windows
        on
            claims.cohort = windows.cohort
            and claims.setl_month >= windows.first_month
    group by claims.cohort, claims.org_code
),

placed as (
    select
        providers.*,
        organisations.org_name,
        organisations.level_group,
        organisations.org_type,
        providers.claims >= {{ provider_parameter('min_claims') }} as has_volume
    from providers
    left join {{ ref('dim_organisation') }} as organisations on providers.org_code = organisations.org_code
),

counted as (
    select
        placed.*,
        sum(case when has_volume then 1 else 0 end) over (partition by cohort, level_group, org_type) as type_n,
        sum(case when has_volume then 1 else 0 end) over (partition by cohort, level_group) as level_n
    from placed
),

grouped as (
    select
        cohort,
        org_code,
        org_name,
        first_month,
        cast(claims as integer) as claims,
        cast(persons as integer) as persons,
        cast(stays as integer) as stays,
        cast(amount as numeric(18, 2)) as amount,
        cast(fund_amount as numeric(18, 2)) as fund_amount,
        period_start,
        period_end,
        has_volume,
        case
            when type_n >= {{ provider_parameter('min_peers') }} and org_type is not null
                then level_group || '|' || org_type
            when level_n >= {{ provider_parameter('min_peers') }} and level_group is not null then level_group
            else 'all'
        end as peer_group
    from counted
),

labels as (
    select
        code_set,
        code,
        label_zh
    from {{ ref('code_label') }}
    where code_set in ('level_group', 'org_type')
),

named as (
    select
        grouped.*,
        case
            when grouped.peer_group = 'all' then '全部机构'
            else coalesce(level_label.label_zh, grouped.peer_group) || coalesce(type_label.label_zh, '')
        end as peer_group_zh
    from grouped
    left join labels as level_label
        on
            level_label.code_set = 'level_group'
            and split_part(grouped.peer_group, '|', 1) = level_label.code
    left join labels as type_label
        on
            type_label.code_set = 'org_type'
            and split_part(grouped.peer_group, '|', 2) = type_label.code
)

select * from named
