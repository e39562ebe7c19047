-- Grain: one lot of a project with its contract, or one contract without project (a framework of the platform): the
-- chain 立项→公告→投标→评审→中标→合同→订单→入库→验收→发票→付款→使用 in one row, with the dates and amounts of each stage.
-- Rule: a lot with several contracts has several rows, a project whose lots were not delivered has one. Where a contract
-- names no lot, it belongs to its project's only or first one. purchase_amount is what the contract says, of a framework
-- or before the contract what was awarded, before the award what was budgeted. purchase_date is the day of the contract,
-- else of the result, the notice or the opening.
with projects as (
    select * from {{ ref('stg_procurement__project') }}
),

lots as (
    select
        lot.*,
        row_number() over (partition by lot.org_code, lot.project_id order by lot.lot_no) as place
    from {{ ref('stg_procurement__lot') }} as lot
),

-- A contract with the lot that it belongs to, an empty one where the project's lots were not delivered.
contracts as (
    select
        contract.*,
        case when first_lot.lot_no is null then '' else coalesce(contract.lot_no, first_lot.lot_no) end as lot_key
    from {{ ref('fct_contract') }} as contract
    left join lots as first_lot
        on
            contract.org_code = first_lot.org_code
            and contract.project_id = first_lot.project_id
            and first_lot.place = 1
),

bids as (
    select
        org_code,
        project_id,
        lot_no,
        count(*) as bid_count,
        min(bid_time) as first_bid_time,
        max(bid_time) as last_bid_time,
        max(case when is_winner then bid_time end) as winning_bid_time,
        max(case when is_winner then bid_amount end) as winning_bid_amount
    from {{ ref('stg_procurement__bid') }}
    group by org_code, project_id, lot_no
),

scores as (
    select
        org_code,
        project_id,
        lot_no,
        count(distinct expert_key) as expert_count
    from {{ ref('stg_procurement__eval_score') }}
    group by org_code, project_id, lot_no
),

tendered as (
    select
        projects.*,
        lots.lot_no,
        coalesce(lots.lot_no, '') as lot_key,
        lots.outcome,
        lots.award_amount,
        lots.winner_supplier_code
    from projects
    left join lots
        on
            projects.org_code = lots.org_code
            and projects.project_id = lots.project_id
),

chained as (
    select
        coalesce(tendered.org_code, contracts.org_code) as org_code,
        coalesce(contracts.contract_id, tendered.project_id || coalesce('#' || tendered.lot_no, '')) as chain_id,
        coalesce(tendered.project_id, contracts.project_id) as project_id,
        coalesce(tendered.lot_no, contracts.lot_no) as lot_no,
        tendered.project_id is not null as has_project,
        contracts.contract_id,
        contracts.contract_no,
        tendered.project_name,
        tendered.category_code,
        tendered.category_kind,
        tendered.domain,
        tendered.method,
        tendered.fiscal_year,
        tendered.budget_project_code,
        tendered.requester_dept_code,
        tendered.decision_record_no,
        tendered.single_source_reason,
        tendered.status as project_status,
        tendered.outcome,
        coalesce(contracts.supplier_code, tendered.winner_supplier_code) as supplier_code,
        tendered.notice_time,
        tendered.doc_sale_start,
        tendered.bid_deadline,
        tendered.open_time,
        tendered.eval_end_time,
        tendered.result_notice_time,
        tendered.publicity_start,
        tendered.publicity_end,
        contracts.sign_date,
        contracts.status as contract_status,
        contracts.first_order_time,
        contracts.first_receipt_time,
        contracts.first_invoice_date,
        contracts.first_payment_date,
        contracts.first_use_month,
        tendered.budget_amount,
        tendered.award_amount,
        contracts.amount as contract_amount,
        contracts.supplement_amount,
        contracts.ordered_amount,
        contracts.received_amount,
        contracts.invoiced_amount,
        contracts.paid_amount,
        coalesce(contracts.is_framework, false) as is_framework,
        coalesce(contracts.order_lines, 0) as order_lines,
        coalesce(contracts.receipt_lines, 0) as receipt_lines,
        coalesce(contracts.accepted_lines, 0) as accepted_lines,
        coalesce(contracts.invoice_count, 0) as invoice_count,
        coalesce(contracts.payment_count, 0) as payment_count,
        coalesce(case when not contracts.is_framework then contracts.amount end, tendered.award_amount, tendered.budget_amount)
            as purchase_amount,
        coalesce(tendered.batch_id, contracts.batch_id) as batch_id
    from tendered
    full outer join contracts
        on
            tendered.org_code = contracts.org_code
            and tendered.project_id = contracts.project_id
            and tendered.lot_key = contracts.lot_key
),

described as (
    select
        chained.*,
        suppliers.supplier_name,
        coalesce(suppliers.supplier_group_id, chained.org_code || ':' || chained.supplier_code) as supplier_group_id,
        cast(coalesce(bids.bid_count, 0) as integer) as bid_count,
        bids.first_bid_time,
        bids.last_bid_time,
        bids.winning_bid_time,
        bids.winning_bid_amount,
        cast(coalesce(scores.expert_count, 0) as integer) as expert_count,
        cast(coalesce(chained.sign_date, chained.result_notice_time, chained.notice_time, chained.open_time) as date)
            as purchase_date,
        {{ month_of('coalesce(chained.notice_time, chained.open_time, chained.sign_date, make_date(chained.fiscal_year, 1, 1))') }}
            as chain_month
    from chained
    left join {{ ref('dim_supplier') }} as suppliers
        on
            chained.org_code = suppliers.org_code
            and chained.supplier_code = suppliers.supplier_code
    left join bids
        on
            chained.org_code = bids.org_code
            and chained.project_id = bids.project_id
            and chained.lot_no = bids.lot_no
    left join scores
        on
            chained.org_code = scores.org_code
            and chained.project_id = scores.project_id
            and chained.lot_no = scores.lot_no
)

select * from described
