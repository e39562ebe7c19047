{#- Stages in order: landing table, aspect, when the stage is due because a later one was delivered, when it is there. -#}
{% set stages = [
    ('pr_project', 'rows', 'contract_id is not null and project_id is not null', 'has_project and budget_amount is not null'),
    ('pr_project', 'notice', 'is_competitive and is_settled', 'notice_time is not null'),
    ('pr_bid', 'rows', 'is_competitive and is_settled', 'bid_count > 0'),
    ('pr_eval_score', 'rows', 'is_competitive and is_settled', 'expert_count > 0'),
    ('pr_lot', 'rows', 'has_project and contract_id is not null', 'award_amount is not null'),
    ('pr_receipt', 'rows', 'order_lines > 0 and payment_count > 0', 'receipt_lines > 0'),
    ('pr_receipt', 'acceptance', 'receipt_lines > 0', 'accepted_lines = receipt_lines'),
    ('pr_invoice', 'rows', 'payment_count > 0', 'invoice_count > 0'),
    ('pr_payment', 'rows', "invoice_count > 0 and contract_status = 'completed'", 'payment_count > 0'),
    ('pr_stock_month', 'rows', 'receipt_lines > 0 and payment_count > 0', 'first_use_month is not null'),
] %}

-- Grain: identity DQ18 by organisation, table and month: each stage of the chain of a purchase that a later one proves.
-- Rule: 立项→公告→投标→评审→中标→合同→订单→入库→验收→发票→付款→使用. What came later proves that the stage took place:
-- where it is not there, it was not delivered. Notices, bids and scores are due where firms compete. A contract is due for
-- an order, an order that was not cancelled for a delivery, unless it was consigned or a gift, which nobody orders; a
-- payment for an invoice once the contract is completed. Use is read from the stock.
-- Source: core.fct_procurement_chain, core.fct_order_stage, staging.
with chain as (
    select
        chain.*,
        award_amount is not null or contract_id is not null as is_settled
    from {{ ref('fct_procurement_chain') }} as chain
),

{% for table, aspect, due, present in stages %}
stage_{{ loop.index }} as (
    select
        org_code,
        chain_month as period_month,
        chain_id as row_key,
        coalesce({{ present }}, false) as holds
    from chain
    where {{ due }}
),

{% endfor -%}
ordered as (
    select
        org_code,
        order_month as period_month,
        line_key as row_key,
        sign_date is not null as holds
    from {{ ref('fct_order_stage') }}
),

delivered as (
    select
        receipts.org_code,
        {{ month_of('receipts.receipt_time') }} as period_month,
        receipts.receipt_id || '#' || {{ as_text('receipts.line_no') }} as row_key,
        orders.order_id is not null as holds
    from {{ ref('stg_procurement__receipt') }} as receipts
    left join {{ ref('fct_order_stage') }} as orders
        on
            receipts.org_code = orders.org_code
            and receipts.order_id = orders.order_id
            and receipts.order_line_no = orders.line_no
    where not receipts.is_consignment and not receipts.is_gift
),

identity as (
    {%- for table, aspect, due, present in stages %}
    {{ identity_month('DQ18', table, 'stage_' ~ loop.index, aspect=aspect) }}
    union all
    {%- endfor %}
    {{ identity_month('DQ18', 'pr_contract', 'ordered') }}
    union all
    {{ identity_month('DQ18', 'pr_order', 'delivered') }}
)

select * from identity
