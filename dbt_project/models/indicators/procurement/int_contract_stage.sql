-- Grain: one order line and rule on the order of its stages, with its verdict.
-- Rule: an order stands on a contract that was signed, goods come after the order, and the invoice is written after it.
-- Goods and invoice before the order are one break, that of the goods. What was ordered as an emergency may be written
-- up later. Goods that were consigned lie in the hospital before they are bought and have their papers after use: they
-- come before their order by nature, and so may their invoice. A supplement whose contract was not delivered does not
-- say since when orders had one.
-- Source: core.fct_order_stage.
with lines as (
    select * from {{ ref('fct_order_stage') }}
),

checks as (
    select
        org_code,
        contract_id,
        order_month,
        line_key,
        'order_before_contract' as rule_code,
        order_date < sign_date as is_broken,
        case
            when sign_date is null then 'missing_contract'
            when lacks_parent and order_date < sign_date then 'missing_parent_contract'
        end as lacks,
        is_emergency,
        false as is_consigned
    from lines
    union all
    select
        org_code,
        contract_id,
        order_month,
        line_key,
        'receipt_before_order' as rule_code,
        coalesce(first_receipt_date < order_date, false) as is_broken,
        {{ as_text('null') }} as lacks,
        is_emergency,
        coalesce(first_owned_date >= order_date, true) as is_consigned
    from lines
    union all
    select
        org_code,
        contract_id,
        order_month,
        line_key,
        'invoice_before_order' as rule_code,
        coalesce(first_invoice_date < order_date and first_receipt_date >= order_date, false) as is_broken,
        {{ as_text('null') }} as lacks,
        is_emergency,
        coalesce(first_receipt_date is not null and first_owned_date is null, false) as is_consigned
    from lines
),

judged as (
    select
        org_code,
        coalesce(contract_id, '-') as contract_id,
        order_month,
        rule_code,
        line_key,
        case
            when lacks is not null then lacks
            when not is_broken then 'clear'
            when is_consigned then 'consignment'
            when is_emergency then 'emergency'
            else 'fired'
        end as verdict
    from checks
)

select * from judged
