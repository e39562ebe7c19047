-- Grain: one invoice of a hospital's supplier, or one payment on it, and one question that is asked of it.
-- Rule: `verdict` is what was found, `amount` the money that it is about. Amounts are compared between all invoices and
-- all deliveries that hang together; what is invoiced beyond is spread over the invoices by their amounts.
-- Source: core.fct_invoice, core.fct_payment, core.dim_supplier.
with invoices as (
    select * from {{ ref('fct_invoice') }}
    where supplier_code is not null
),

limited as (
    select
        invoices.*,
        max_chain.value as max_chain,
        tolerance.value as amount_tolerance
    from invoices
    {{ threshold_join('max_chain', 'PR13', 'max_chain', 'invoices.org_code', 'invoices.invoice_month') }}
    {{ threshold_join('tolerance', 'PR13', 'amount_tolerance', 'invoices.org_code', 'invoices.invoice_month') }}
),

suppliers as (
    select * from {{ ref('dim_supplier') }}
),

payments as (
    select
        invoices.org_code,
        invoices.supplier_code,
        invoices.invoice_month,
        payments.payment_id,
        payments.amount,
        payments.payee_account_key,
        suppliers.bank_account_key
    from invoices
    inner join {{ ref('fct_payment') }} as payments
        on
            invoices.org_code = payments.org_code
            and invoices.invoice_key = payments.invoice_key
    left join suppliers
        on
            payments.org_code = suppliers.org_code
            and payments.supplier_code = suppliers.supplier_code
),

checks as (
    select
        org_code,
        supplier_code,
        invoice_month,
        'long_chain' as question,
        'pr_invoice' as source_table,
        invoice_key as row_key,
        case
            when greatest(chain_length, invoice_count) <= max_chain then 'clear'
            when chain_length <= max_chain then 'group_transfer'
            else 'fired'
        end as verdict,
        amount
    from limited
    where drug_amount > 0
    union all
    select
        org_code,
        supplier_code,
        invoice_month,
        'no_maker_invoice' as question,
        'pr_invoice' as source_table,
        invoice_key as row_key,
        case
            when has_first_level or chain_level = 1 then 'clear'
            when not first_level_known then 'missing_maker_invoices'
            else 'fired'
        end as verdict,
        amount
    from limited
    where drug_amount > 0
    union all
    select
        org_code,
        supplier_code,
        invoice_month,
        'other_seller' as question,
        'pr_invoice' as source_table,
        invoice_key as row_key,
        case
            when seller_uscc is null or supplier_uscc is null then 'missing_company'
            when seller_uscc = supplier_uscc then 'clear'
            when seller_group_id = supplier_group_id then 'affiliated_seller'
            else 'fired'
        end as verdict,
        amount
    from limited
    union all
    select
        org_code,
        supplier_code,
        invoice_month,
        'reused_number' as question,
        'pr_invoice' as source_table,
        invoice_key as row_key,
        case
            when invoice_code is null or invoice_no is null then 'missing_number'
            when same_number > 1 then 'fired'
            else 'clear'
        end as verdict,
        amount
    from limited
    union all
    select
        org_code,
        supplier_code,
        invoice_month,
        'other_amount' as question,
        'pr_invoice' as source_table,
        invoice_key as row_key,
        case
            when received_amount is null or invoiced_amount is null then 'missing_amount'
            when abs(invoiced_amount - received_amount) <= amount_tolerance * abs(received_amount) then 'clear'
            else 'fired'
        end as verdict,
        greatest(invoiced_amount - received_amount, 0) * coalesce(amount / nullif(invoiced_amount, 0), 0) as amount
    from limited
    union all
    select
        org_code,
        supplier_code,
        invoice_month,
        'other_account' as question,
        'pr_payment' as source_table,
        payment_id as row_key,
        case
            when payee_account_key is null or bank_account_key is null then 'missing_account'
            when payee_account_key = bank_account_key then 'clear'
            else 'fired'
        end as verdict,
        amount
    from payments
),

rounded as (
    select
        org_code,
        supplier_code,
        invoice_month,
        question,
        source_table,
        row_key,
        verdict,
        cast(amount as numeric(18, 2)) as amount
    from checks
)

select * from rounded
