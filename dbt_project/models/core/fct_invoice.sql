-- Grain: one invoice that a hospital received, with the deliveries and the earlier invoices behind it.
-- Rule: an invoice is the hospital's where it covers no later one. Of several deliveries behind it the seller's own tells
-- its supplier. `received_amount` and `invoiced_amount` are those of all deliveries and invoices that hang together with
-- it, null where one of them has none. `chain_length` counts the invoices from the maker to the hospital; sellers of one
-- group of companies count once. `first_level_known` says whether the organisation has invoices of makers at all.
-- Source: fct_supply_invoice, fct_invoice_delivery.
with invoices as (
    select * from {{ ref('fct_supply_invoice') }}
),

links as (
    select * from {{ ref('fct_invoice_delivery') }}
),

suppliers as (
    select
        links.org_code,
        links.invoice_key,
        links.delivery_group_id,
        links.supplier_code,
        links.supplier_uscc,
        links.supplier_group_id,
        sum(links.drug_amount) over (partition by links.org_code, links.invoice_key) as drug_amount,
        row_number() over (
            partition by links.org_code, links.invoice_key
            order by
                case
                    when links.supplier_uscc = invoices.seller_uscc then 1
                    when links.supplier_group_id = invoices.seller_group_id then 2
                    else 3
                end,
                links.supplier_code,
                links.receipt_id
        ) as place
    from links
    inner join invoices
        on
            links.org_code = invoices.org_code
            and links.invoice_key = invoices.invoice_key
),

received as (
    select
        org_code,
        delivery_group_id,
        case when count(received_amount) = count(*) then sum(received_amount) end as received_amount
    from (
        select distinct
            org_code,
            delivery_group_id,
            receipt_id,
            received_amount
        from links
    ) as deliveries
    group by org_code, delivery_group_id
),

invoiced as (
    select
        org_code,
        delivery_group_id,
        case when count(invoice_amount) = count(*) then sum(invoice_amount) end as invoiced_amount
    from (
        select distinct
            org_code,
            delivery_group_id,
            invoice_key,
            invoice_amount
        from links
    ) as grouped_invoices
    group by org_code, delivery_group_id
),

-- One link back is the seller's own supplier, two are that one's: three invoices up to the hospital.
chains as (
    select
        last_link.org_code,
        last_link.invoice_key,
        max(
            1
            + case when middle_link.seller_group_id <> last_link.seller_group_id then 1 else 0 end
            + case when first_link.seller_group_id <> middle_link.seller_group_id then 1 else 0 end
        ) as chain_length,
        max(
            1
            + case when middle_link.invoice_key is not null then 1 else 0 end
            + case when first_link.invoice_key is not null then 1 else 0 end
        ) as invoice_count,
        max(case when middle_link.chain_level = 1 or first_link.chain_level = 1 then 1 else 0 end) as has_first_level
    from invoices as last_link
    left join invoices as middle_link
        on
            last_link.org_code = middle_link.org_code
            and last_link.invoice_key = middle_link.parent_invoice_key
    left join invoices as first_link
        on
            middle_link.org_code = first_link.org_code
            and middle_link.invoice_key = first_link.parent_invoice_key
    where last_link.parent_invoice_key is null
    group by last_link.org_code, last_link.invoice_key
),

makers_known as (
    select
        org_code,
        min(invoice_date) as first_known
    from invoices
    where chain_level = 1
    group by org_code
),

numbers as (
    select
        org_code,
        invoice_code,
        invoice_no,
        count(*) as same_number
    from invoices
    where parent_invoice_key is null and invoice_code is not null
    group by org_code, invoice_code, invoice_no
),

described as (
    select
        invoices.org_code,
        invoices.invoice_key,
        invoices.invoice_code,
        invoices.invoice_no,
        invoices.chain_level,
        invoices.invoice_date,
        {{ month_of('invoices.invoice_date') }} as invoice_month,
        invoices.amount,
        invoices.seller_uscc,
        invoices.seller_group_id,
        suppliers.supplier_code,
        suppliers.supplier_uscc,
        suppliers.supplier_group_id,
        cast(received.received_amount as numeric(18, 2)) as received_amount,
        cast(invoiced.invoiced_amount as numeric(18, 2)) as invoiced_amount,
        cast(coalesce(suppliers.drug_amount, 0) as numeric(18, 2)) as drug_amount,
        greatest(chains.chain_length, case when chains.invoice_count < invoices.chain_level then invoices.chain_level else 0 end)
            as chain_length,
        chains.invoice_count,
        chains.has_first_level = 1 as has_first_level,
        makers_known.first_known is not null as first_level_known,
        coalesce(numbers.same_number, 1) as same_number,
        invoices.batch_id
    from invoices
    inner join chains
        on
            invoices.org_code = chains.org_code
            and invoices.invoice_key = chains.invoice_key
    left join suppliers
        on
            invoices.org_code = suppliers.org_code
            and invoices.invoice_key = suppliers.invoice_key
            and suppliers.place = 1
    left join received
        on
            suppliers.org_code = received.org_code
            and suppliers.delivery_group_id = received.delivery_group_id
    left join invoiced
        on
            suppliers.org_code = invoiced.org_code
            and suppliers.delivery_group_id = invoiced.delivery_group_id
    left join makers_known on invoices.org_code = makers_known.org_code
    left join numbers
        on
            invoices.org_code = numbers.org_code
            and invoices.invoice_code = numbers.invoice_code
            and invoices.invoice_no = numbers.invoice_no
)

select * from described
