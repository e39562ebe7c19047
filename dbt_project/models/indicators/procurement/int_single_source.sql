-- Grain: one project that was not given up, with what its reason on file says and, of a single source, how many working
-- days it was published.
-- Rule: first and last day of publicity count. Where neither is on file it was not published; where one of them is, or a
-- day of it lies outside the calendar of holidays, publicity_lacks says what is missing to count. The words of the reason
-- (single_source_reason, purchase_excuse) tell an exclusive right, parts for what is installed, and an emergency. Of
-- several lots the largest names the supplier; of a lot whose amount is not known (a supplement without its contract) the
-- project's is not. The law asks for publicity from the limit of open tender on.
-- Source: core.fct_procurement_chain, core.dim_working_day, core.dim_purchase_limit, ref.code_label.
with chain as (
    select
        chain.*,
        row_number() over (partition by org_code, project_id order by purchase_amount desc nulls last, chain_id) as place
    from {{ ref('fct_procurement_chain') }} as chain
    where has_project and project_status <> 'failed' and coalesce(outcome, 'awarded') <> 'failed'
),

projects as (
    select
        org_code,
        project_id,
        min(method) = 'single_source' as is_single_source,
        min(category_kind) as category_kind,
        min(single_source_reason) as reason_on_file,
        min(cast(publicity_start as date)) as published_from,
        max(cast(publicity_end as date)) as published_to,
        min(case when place = 1 then supplier_code end) as supplier_code,
        min(case when place = 1 and supplier_code is not null then supplier_group_id end) as supplier_group_id,
        min(purchase_date) as purchase_date,
        min(chain_month) as chain_month,
        cast(case when count(*) = count(purchase_amount) then sum(purchase_amount) end as numeric(18, 2)) as amount
    from chain
    group by org_code, project_id
),

words as (
    select
        projects.org_code,
        projects.project_id,
        max(case when label.category = 'emergency' then 1 else 0 end) = 1 as is_emergency,
        min(case when label.code_set = 'single_source_reason' then label.category end) as exclusive_reason
    from projects
    inner join {{ ref('code_label') }} as label
        on
            label.code_set in ('single_source_reason', 'purchase_excuse')
            and projects.reason_on_file like '%' || label.code || '%'
    group by projects.org_code, projects.project_id
),

published as (
    select
        projects.org_code,
        projects.project_id,
        count(case when days.is_working_day then 1 end) as working_days,
        count(case when days.has_calendar then 1 end) as calendar_days
    from projects
    inner join {{ ref('dim_working_day') }} as days
        on days.day_date between projects.published_from and projects.published_to
    where projects.is_single_source
    group by projects.org_code, projects.project_id
),

counted as (
    select
        projects.*,
        coalesce(published.working_days, 0) as working_days,
        case
            when projects.published_from is null and projects.published_to is null then null
            when projects.published_from is null then 'missing_publicity_start'
            when projects.published_to is null or projects.published_to < projects.published_from
                then 'missing_publicity_end'
            when coalesce(published.calendar_days, 0) <= {{ days_between('projects.published_from', 'projects.published_to') }}
                then 'missing_calendar'
        end as publicity_lacks
    from projects
    left join published
        on
            projects.org_code = published.org_code
            and projects.project_id = published.project_id
),

described as (
    select
        counted.org_code,
        counted.project_id,
        counted.is_single_source,
        counted.reason_on_file,
        counted.supplier_code,
        counted.supplier_group_id,
        counted.purchase_date,
        counted.chain_month,
        counted.amount,
        limits.amount as open_limit,
        coalesce(words.is_emergency, false) as is_emergency,
        words.exclusive_reason,
        case when counted.is_single_source then counted.publicity_lacks end as publicity_lacks,
        case when counted.is_single_source and counted.publicity_lacks is null then counted.working_days end as working_days
    from counted
    left join words
        on
            counted.org_code = words.org_code
            and counted.project_id = words.project_id
    left join {{ ref('dim_purchase_limit') }} as limits
        on
            counted.org_code = limits.org_code
            and counted.category_kind = limits.category_kind
            and limits.threshold_kind = 'open_tender'
            and counted.purchase_date between limits.valid_from and limits.valid_to
)

select * from described
