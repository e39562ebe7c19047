-- Grain: one group of affiliated suppliers; a supplier without affiliates is a group of its own.
-- Rule: named after the company whose code the group bears, else the first by name; a maker where one of them is.
-- Source: dim_supplier.
with suppliers as (
    select * from {{ ref('dim_supplier') }}
),

ranked as (
    select
        supplier_group_id,
        supplier_name,
        row_number() over (
            partition by supplier_group_id
            order by case when supplier_id = supplier_group_id then 0 else 1 end, supplier_name
        ) as place
    from suppliers
),

totals as (
    select
        supplier_group_id,
        count(distinct supplier_id) as company_count,
        max(case when role = 'manufacturer' then 1 else 0 end) as has_maker
    from suppliers
    group by supplier_group_id
),

groups as (
    select
        ranked.supplier_group_id,
        cast(totals.company_count as integer) as company_count,
        case when totals.has_maker = 1 then 'manufacturer' else 'distributor' end as role,
        case
            when totals.company_count = 1 then ranked.supplier_name
            else ranked.supplier_name || '等关联企业' || {{ as_text('totals.company_count') }} || '家'
        end as group_label
    from ranked
    inner join totals on ranked.supplier_group_id = totals.supplier_group_id
    where ranked.place = 1
)

select * from groups
