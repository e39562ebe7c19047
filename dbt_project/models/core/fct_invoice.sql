-- Grain: one invoice that a hospital received, with the deliveries and the earlier invoices behind it.
-- Rule: an invoice is the hospital's where it covers no later one. It belongs to the delivery that it names, else to
-- those of its seller that name it. `chain_length` counts the invoices from the maker to the hospital; sellers of one
-- group of companies count once. `first_level_known` says whether the organisation has invoices of makers at all.
-- Source: fct_supply_invoice, stg_procurement__receipt, dim_supplier.
with invoices as (
    select * from {{ ref('fct_supply_invoice') }}
),

received_lines as (
    select
        receipts.org_code,
        receipts.receipt_id,
        receipts.invoice_no,
        receipts.supplier_code,
        suppliers.uscc as supplier_uscc,
        suppliers.supplier_group_id,
        receipts.item_kind,
        receipts.amount
    from {{ ref('stg_procurement__receipt') }} as receipts
    left join {{ ref('dim_supplier') }} as suppliers
        on
            receipts.org_code = suppliers.org_code
            and receipts.supplier_code = suppliers.supplier_code
    where not receipts.is_gift
),

deliveries as (
    select
        org_code,
        receipt_id,
        min(supplier_code) as supplier_code,
        min(supplier_uscc) as supplier_uscc,
        min(supplier_group_id) as supplier_group_id,
        sum(amount) as received_amount,
        sum(case when item_kind = 'drug' then amount else 0 end) as drug_amount
    from received_lines
    group by org_code, receipt_id
),

named_deliveries as (
    select
        org_code,
        supplier_uscc,
        invoice_no,
        min(supplier_code) as supplier_code,
        min(supplier_group_id) as supplier_group_id,
        sum(amount) as received_amount,
        sum(case when item_kind = 'drug' then amount else 0 end) as drug_amount
    from received_lines
    where invoice_no is not null
    group by org_code, supplier_uscc, invoice_no
),

-- One link back is the seller's own supplier, two are that one's: three invoices up to the hospital.
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
        coalesce(deliveries.supplier_code, named_deliveries.supplier_code) as supplier_code,
        coalesce(deliveries.supplier_uscc, named_deliveries.supplier_uscc) as supplier_uscc,
        coalesce(deliveries.supplier_group_id, named_deliveries.supplier_group_id) as supplier_group_id,
        cast(coalesce(deliveries.received_amount, named_deliveries.received_amount) as numeric(18, 2)) as received_amount,
        cast(coalesce(deliveries.drug_amount, named_deliveries.drug_amount, 0) as numeric(18, 2)) as drug_amount,
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
    left join deliveries
        on
            invoices.org_code = deliveries.org_code
            and invoices.receipt_id = deliveries.receipt_id
    left join named_deliveries
        on
            invoices.receipt_id is null
            and invoices.org_code = named_deliveries.org_code
            and invoices.invoice_no = named_deliveries.invoice_no
            and invoices.seller_uscc = named_deliveries.supplier_uscc
    left join makers_known on invoices.org_code = makers_known.org_code
    left join numbers
        on
            invoices.org_code = numbers.org_code
            and invoices.invoice_code = numbers.invoice_code
            and invoices.invoice_no = numbers.invoice_no
)

select * from described
