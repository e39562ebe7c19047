-- Grain: one invoice of the supply chain, of whatever level, with the group of its seller.
with invoices as (
    select
        invoices.*,
        coalesce(groups.company_group_id, invoices.seller_uscc) as seller_group_id
    from {{ ref('stg_procurement__invoice') }} as invoices
    left join {{ ref('dim_company_group') }} as groups on invoices.seller_uscc = groups.uscc
)

select * from invoices
