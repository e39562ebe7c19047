-- Grain: one organisation, supplier and question asked of its invoices, and month of invoice.
-- Rule: PR13, more invoices from maker to hospital than the two-invoice rule allows, no invoice of the maker, another
-- seller than the one who delivered, a number used twice, another amount than was received (1 %), or payment to
-- another account than the supplier's. Companies of one group are one seller.
-- Source: core.fct_invoice, core.fct_payment (int_invoice_check).
with checks as (
    select * from {{ ref('int_invoice_check') }}
),

outcomes as (
    select
        checks.*,
        question || '|' || supplier_code as subject_id,
        invoice_month as period_start,
        {{ outcome_of('verdict', not_computable=[
            'missing_maker_invoices', 'missing_company', 'missing_number', 'missing_amount', 'missing_account'
        ]) }} as outcome
    from checks
),

supplier_months as (
    {{ subject_months('outcomes', columns={
        'value': "sum(case when outcome = 'fired' then 1 else 0 end)",
        'threshold': '0',
        'peer_group': 'min(question)',
    }) }}
),

evidence as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        source_table,
        row_key,
        1 as value,
        case when question in ('long_chain', 'no_maker_invoice') then 0 else amount end as risk_gross,
        cast(null as numeric(18, 2)) as risk_fund
    from outcomes
    where outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('supplier_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'PR13', '1.0.0', "'supplier_invoices'", 'with_evidence',
            value="case when outcome = 'guarded' then evidence_value else value end",
            absent=['dept_code', 'doctor_code', 'expected', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
