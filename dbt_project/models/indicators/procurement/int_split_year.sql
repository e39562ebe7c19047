-- Grain: one organisation, fiscal year, budget project and category of purchases.
-- Rule: PR02 by law (采购法实施条例 §28): at least PR02.min_purchases purchases by methods other than open tender whose
-- amounts add up to more than the limit of open tender. What emergency or an approval excuses is not counted.
-- Source: int_bound_purchase.
with purchases as (
    select
        bound.*,
        excuse is not null and excuse <> 'recurrent_maintenance' as is_excused
    from {{ ref('int_bound_purchase') }} as bound
),

families as (
    select
        org_code,
        coalesce(budget_project_code, '-') || '|' || category_code as subject_id,
        fiscal_year,
        budget_project_code is not null as has_budget_project,
        count(*) as project_count,
        count(limit_kind) as bound_count,
        cast(sum(case when limit_kind is not null then amount end) as numeric(18, 2)) as bound_amount,
        count(case when limit_kind is not null and not is_excused then 1 end) as counted,
        cast(sum(case when limit_kind is not null and not is_excused then amount end) as numeric(18, 2)) as counted_amount,
        count(case when limit_kind is not null and amount is null then 1 end) as without_amount,
        count(case when limit_kind is not null and lacks_parent then 1 end) as without_parent,
        min(case when limit_kind is not null and is_excused then excuse end) as excuse,
        max(case when limit_kind is not null then open_limit end) as open_limit
    from purchases
    group by org_code, coalesce(budget_project_code, '-') || '|' || category_code, fiscal_year, budget_project_code is not null
),

judged as (
    select
        families.*,
        case
            when bound_count = 0 then 'clear'
            when not has_budget_project then 'missing_budget_project'
            when open_limit is null then 'missing_limit'
            when counted >= min_purchases.value and counted_amount > open_limit then 'fired'
            when without_parent > 0 then 'missing_parent_contract'
            when without_amount > 0 then 'missing_amount'
            when bound_count >= min_purchases.value and bound_amount > open_limit then excuse
            else 'clear'
        end as verdict
    from families
    {{
        threshold_join('min_purchases', 'PR02', 'min_purchases', 'families.org_code', 'make_date(families.fiscal_year, 1, 1)')
    }}
)

select * from judged
