-- Grain: one project that was not given up, with what it cost, the limit that its method must stay below, and what
-- excuses the method.
-- Rule: ref.code_label says for each method (purchase_method) the kind of limit that it stays below; open tenders,
-- frameworks and platform orders stay below none. Lots of one project are one purchase, by the company group that won
-- most of it; where a supplement of it came without its contract (lacks_parent), what it cost is not known. An excuse
-- is read from the reason on file (purchase_excuse); small repairs on call excuse themselves from the limit within the
-- house (maintenance_domain). The limits are those of the day of the purchase.
-- Source: core.fct_procurement_chain, core.dim_purchase_limit, ref.code_label.
with chain as (
    select * from {{ ref('fct_procurement_chain') }}
    where has_project and project_status <> 'failed' and coalesce(outcome, 'awarded') <> 'failed'
),

ranked as (
    select
        chain.*,
        row_number() over (partition by org_code, project_id order by purchase_amount desc nulls last, chain_id) as place
    from chain
),

projects as (
    select
        org_code,
        project_id,
        min(category_code) as category_code,
        min(category_kind) as category_kind,
        min(domain) as domain,
        min(method) as method,
        min(fiscal_year) as fiscal_year,
        min(budget_project_code) as budget_project_code,
        min(requester_dept_code) as requester_dept_code,
        min(single_source_reason) as reason_on_file,
        min(case when place = 1 and supplier_code is not null then supplier_group_id end) as supplier_group_id,
        min(purchase_date) as purchase_date,
        max(case when lacks_parent then 1 else 0 end) = 1 as lacks_parent,
        cast(case when count(*) = count(purchase_amount) then sum(purchase_amount) end as numeric(18, 2)) as amount
    from ranked
    group by org_code, project_id
),

methods as (
    select
        code as method,
        nullif(category, '') as limit_kind
    from {{ ref('code_label') }}
    where code_set = 'purchase_method'
),

excuses as (
    select
        projects.org_code,
        projects.project_id,
        min(label.category) as excuse
    from projects
    inner join {{ ref('code_label') }} as label
        on
            label.code_set = 'purchase_excuse'
            and projects.reason_on_file like '%' || label.code || '%'
    group by projects.org_code, projects.project_id
),

bound as (
    select
        projects.*,
        methods.limit_kind,
        limits.amount as limit_amount,
        open_limits.amount as open_limit,
        coalesce(
            excuses.excuse,
            case
                when maintenance.code is not null and methods.limit_kind = 'intra_hospital_single'
                    then 'recurrent_maintenance'
            end
        ) as excuse
    from projects
    left join methods on projects.method = methods.method
    left join {{ ref('dim_purchase_limit') }} as limits
        on
            projects.org_code = limits.org_code
            and projects.category_kind = limits.category_kind
            and methods.limit_kind = limits.threshold_kind
            and projects.purchase_date between limits.valid_from and limits.valid_to
    left join {{ ref('dim_purchase_limit') }} as open_limits
        on
            projects.org_code = open_limits.org_code
            and projects.category_kind = open_limits.category_kind
            and open_limits.threshold_kind = 'open_tender'
            and projects.purchase_date between open_limits.valid_from and open_limits.valid_to
    left join excuses
        on
            projects.org_code = excuses.org_code
            and projects.project_id = excuses.project_id
    left join {{ ref('code_label') }} as maintenance
        on
            projects.domain = maintenance.code
            and maintenance.code_set = 'maintenance_domain'
)

select * from bound
