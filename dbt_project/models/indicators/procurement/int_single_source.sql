-- Grain: one project that was not given up, with what its reason on file says and, of a single source, how many working
-- days it was published.
-- Rule: first and last day of publicity count. The words of the reason (single_source_reason, purchase_excuse) tell an
-- exclusive right, parts for what is installed, and an emergency. Of several lots the largest names the supplier.
-- Source: core.fct_procurement_chain, core.dim_working_day, ref.code_label.
with chain as (
    select
        chain.*,
        row_number() over (partition by org_code, project_id order by purchase_amount desc, chain_id) as place
    from {{ ref('fct_procurement_chain') }} as chain
    where has_project and project_status <> 'failed' and coalesce(outcome, 'awarded') <> 'failed'
),

projects as (
    select
        org_code,
        project_id,
        min(method) = 'single_source' as is_single_source,
        min(single_source_reason) as reason_on_file,
        min(cast(publicity_start as date)) as published_from,
        max(cast(publicity_end as date)) as published_to,
        min(case when place = 1 then supplier_code end) as supplier_code,
        min(case when place = 1 and supplier_code is not null then supplier_group_id end) as supplier_group_id,
        min(purchase_date) as purchase_date,
        min(chain_month) as chain_month,
        cast(sum(purchase_amount) as numeric(18, 2)) as amount
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
        min(case when days.has_calendar then 1 else 0 end) = 1 as has_calendar
    from projects
    inner join {{ ref('dim_working_day') }} as days
        on days.day_date between projects.published_from and projects.published_to
    where projects.is_single_source
    group by projects.org_code, projects.project_id
),

described as (
    select
        projects.*,
        coalesce(words.is_emergency, false) as is_emergency,
        words.exclusive_reason,
        case when projects.published_from is null then 0 else published.working_days end as working_days,
        coalesce(published.has_calendar, projects.published_from is null) as has_calendar
    from projects
    left join words
        on
            projects.org_code = words.org_code
            and projects.project_id = words.project_id
    left join published
        on
            projects.org_code = published.org_code
            and projects.project_id = published.project_id
)

select * from described
