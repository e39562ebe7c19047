{#- Eight links join several invoices over several deliveries in turn; a test fails on a longer chain. -#}
{% set rounds = 4 %}

-- Grain: one invoice to a hospital and one delivery that it covers, with the group that both hang together in.
-- Rule: an invoice covers the delivery that it names, and those of its seller of which a line names its number. Numbers
-- return under other codes: an invoice of that number that names the delivery comes first, and one that was not written
-- within PR13.number_days of the delivery is another. A maker's invoice is one
-- to the hospital where the maker delivered, else it went to whoever did. Deliveries and invoices that are
-- linked, directly or over up to {{ 2 * rounds }} links, are one group, named by its smallest invoice. Amounts are those of the
-- whole delivery and invoice; gifts do not count.
-- Source: core.fct_supply_invoice, stg_procurement__receipt, core.dim_supplier.
with invoices as (
    select * from {{ ref('fct_supply_invoice') }}
    where parent_invoice_key is null
),

received_lines as (
    select
        receipts.org_code,
        receipts.receipt_id,
        receipts.invoice_no,
        cast(receipts.receipt_time as date) as receipt_date,
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
        cast(case when count(amount) = count(*) then sum(amount) end as numeric(18, 2)) as received_amount,
        cast(sum(case when item_kind = 'drug' then amount else 0 end) as numeric(18, 2)) as drug_amount
    from received_lines
    group by org_code, receipt_id
),

named_numbers as (
    select
        org_code,
        receipt_id,
        supplier_uscc,
        invoice_no,
        min(receipt_date) as receipt_date
    from received_lines
    where invoice_no is not null
    group by org_code, receipt_id, supplier_uscc, invoice_no
),

unmatched_numbers as (
    select named_numbers.*
    from named_numbers
    left join invoices
        on
            named_numbers.org_code = invoices.org_code
            and named_numbers.receipt_id = invoices.receipt_id
            and named_numbers.invoice_no = invoices.invoice_no
    where invoices.invoice_key is null
),

named as (
    select
        org_code,
        invoice_key,
        receipt_id
    from invoices
    where receipt_id is not null
    union
    select
        invoices.org_code,
        invoices.invoice_key,
        unmatched_numbers.receipt_id
    from invoices
    inner join unmatched_numbers
        on
            invoices.org_code = unmatched_numbers.org_code
            and invoices.invoice_no = unmatched_numbers.invoice_no
            and invoices.seller_uscc = unmatched_numbers.supplier_uscc
    {{ threshold_join('number_days', 'PR13', 'number_days', 'invoices.org_code', month_of('invoices.invoice_date')) }}
    where abs({{ days_between('unmatched_numbers.receipt_date', 'invoices.invoice_date') }}) <= number_days.value
),

-- What is compared of both is carried along: joined again at the end, planners expect one row and loop over all.
label_0 as (
    select
        named.org_code,
        named.invoice_key,
        named.receipt_id,
        invoices.invoice_date,
        invoices.amount as invoice_amount,
        deliveries.supplier_code,
        deliveries.supplier_uscc,
        deliveries.supplier_group_id,
        deliveries.received_amount,
        deliveries.drug_amount,
        named.invoice_key as label
    from named
    inner join invoices
        on
            named.org_code = invoices.org_code
            and named.invoice_key = invoices.invoice_key
    inner join deliveries
        on
            named.org_code = deliveries.org_code
            and named.receipt_id = deliveries.receipt_id
    where
        coalesce(invoices.chain_level, 2) > 1
        or coalesce(invoices.seller_group_id = deliveries.supplier_group_id, true)
),
{%- set carried = [
    'invoice_date', 'invoice_amount', 'supplier_code', 'supplier_uscc', 'supplier_group_id', 'received_amount', 'drug_amount',
] %}
{%- for round in range(1, rounds + 1) %}

of_delivery_{{ round }} as (
    select
        org_code,
        invoice_key,
        receipt_id,
        {%- for column in carried %}
        {{ column }},
        {%- endfor %}
        min(label) over (partition by org_code, receipt_id) as label
    from label_{{ round - 1 }}
),

label_{{ round }} as (
    select
        org_code,
        invoice_key,
        receipt_id,
        {%- for column in carried %}
        {{ column }},
        {%- endfor %}
        min(label) over (partition by org_code, invoice_key) as label
    from of_delivery_{{ round }}
),
{%- endfor %}

grouped as (
    select
        org_code,
        invoice_key,
        receipt_id,
        {%- for column in carried %}
        {{ column }},
        {%- endfor %}
        label as delivery_group_id
    from label_{{ rounds }}
)

select * from grouped
