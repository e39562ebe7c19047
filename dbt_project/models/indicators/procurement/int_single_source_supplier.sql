-- Grain: one organisation, company group and calendar year with a purchase from it as a single source.
-- Rule: its single-source purchases in the PR04.window_months months up to the last one of the year; a company group is
-- named by the supplier of its first purchase there, which later ones do not change. What an exclusive right, installed
-- equipment or an emergency explains is not counted.
-- Source: int_single_source.
with awards as (
    select
        org_code,
        supplier_group_id,
        project_id,
        supplier_code,
        purchase_date,
        cast(extract(year from purchase_date) as integer) as purchase_year,
        amount,
        case when is_emergency then 'emergency' else exclusive_reason end as explained
    from {{ ref('int_single_source') }}
    where is_single_source and supplier_group_id is not null and purchase_date is not null
),

years as (
    select
        org_code,
        supplier_group_id,
        purchase_year,
        max(purchase_date) as last_date
    from awards
    group by org_code, supplier_group_id, purchase_year
),

ordered as (
    select
        org_code,
        supplier_group_id,
        supplier_code,
        row_number() over (partition by org_code, supplier_group_id order by purchase_date, project_id) as place
    from awards
),

names as (
    select
        org_code,
        supplier_group_id,
        supplier_code
    from ordered
    where place = 1
),

members as (
    select
        years.org_code,
        years.supplier_group_id,
        years.purchase_year,
        names.supplier_code,
        min_awards.value as min_awards,
        awards.project_id,
        awards.amount,
        awards.explained
    from years
    inner join names
        on
            years.org_code = names.org_code
            and years.supplier_group_id = names.supplier_group_id
    {{ threshold_join('months', 'PR04', 'window_months', 'years.org_code', month_of('years.last_date')) }}
    {{ threshold_join('min_awards', 'PR04', 'direct_awards_36m', 'years.org_code', month_of('years.last_date')) }}
    inner join awards
        on
            years.org_code = awards.org_code
            and years.supplier_group_id = awards.supplier_group_id
            and awards.purchase_date <= years.last_date
            and awards.purchase_date > {{ add_months('years.last_date', '-cast(months.value as integer)') }}
)

select * from members
