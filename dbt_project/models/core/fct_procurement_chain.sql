-- Grain: one lot of a project with its contract, or one contract without project (a framework of the platform): the
-- chain 立项→公告→投标→评审→中标→合同→订单→入库→验收→发票→付款→使用 in one row.
-- Rule: a lot with several contracts has several rows, a project whose lots were not delivered has one. Where a contract
-- names no lot, it belongs to its project's only or first one. purchase_amount is what the contract says, of a framework
-- or before the contract what was awarded, before the award what the project's budget leaves: an award counts once a lot
-- and a budget once a project, on the first row that has nothing else; a failed lot bought nothing. purchase_date is the
-- day of the contract, else of the result, the notice or the opening. A supplement whose contract was not delivered
-- (lacks_parent) says neither what was bought nor when: its purchase has no amount, and its date is not that of the purchase.
-- Code sets tender_method and competitive_method say where bids are opened and where firms compete.
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
        max(case when is_winner then bid_time end) as winning_bid_time
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
        tendered.project_name,
        tendered.category_code,
        tendered.category_kind,
        tendered.domain,
        tendered.method,
        tendered.fiscal_year,
        tendered.budget_project_code,
        tendered.requester_dept_code,
        tendered.single_source_reason,
        tendered.status as project_status,
        tendered.outcome,
        coalesce(
            case when not contracts.lacks_parent then contracts.supplier_code end,
            tendered.winner_supplier_code,
            contracts.supplier_code
        ) as supplier_code,
        tendered.notice_time,
        tendered.doc_sale_start,
        tendered.bid_deadline,
        tendered.open_time,
        tendered.result_notice_time,
        tendered.publicity_start,
        tendered.publicity_end,
        contracts.sign_date,
        coalesce(contracts.lacks_parent, false) as lacks_parent,
        contracts.status as contract_status,
        contracts.first_invoice_date,
        contracts.first_payment_date,
        contracts.first_use_month,
        tendered.budget_amount,
        tendered.award_amount,
        contracts.amount as contract_amount,
        coalesce(contracts.is_framework, false) as is_framework,
        coalesce(contracts.order_lines, 0) as order_lines,
        coalesce(contracts.receipt_lines, 0) as receipt_lines,
        coalesce(contracts.accepted_lines, 0) as accepted_lines,
        coalesce(contracts.invoice_count, 0) as invoice_count,
        coalesce(contracts.payment_count, 0) as payment_count,
        case when not contracts.is_framework and not contracts.lacks_parent then contracts.amount end as agreed_amount,
        coalesce(contracts.lacks_parent, false) or coalesce(tendered.outcome = 'failed', false) as is_no_purchase,
        coalesce(tendered.batch_id, contracts.batch_id) as batch_id
    from tendered
    full outer join contracts
        on
            tendered.org_code = contracts.org_code
            and tendered.project_id = contracts.project_id
            and tendered.lot_key = contracts.lot_key
),

-- The first row of a lot that says nothing itself stands for its award, the first of a project for its budget.
placed as (
    select
        chained.*,
        row_number() over (
            partition by org_code, project_id, lot_no, is_no_purchase, agreed_amount is null
            order by chain_id
        ) as award_place,
        row_number() over (
            partition by org_code, project_id, is_no_purchase, coalesce(agreed_amount, award_amount) is null
            order by lot_no, chain_id
        ) as budget_place
    from chained
),

priced as (
    select
        placed.*,
        case
            when is_no_purchase then null
            when agreed_amount is not null then agreed_amount
            when award_place = 1 then award_amount
            when award_amount is not null then 0
        end as told_amount
    from placed
),

summed as (
    select
        org_code,
        project_id,
        sum(told_amount) as told_amount
    from priced
    group by org_code, project_id
),

described as (
    select
        priced.*,
        tenders.code is not null as is_tender,
        competitive.code is not null as is_competitive,
        cast(
            case
                when priced.is_no_purchase then null
                when priced.told_amount is not null then priced.told_amount
                when priced.budget_place = 1 then greatest(priced.budget_amount - coalesce(summed.told_amount, 0), 0)
                when priced.budget_amount is not null then 0
            end as numeric(18, 2)
        ) as purchase_amount,
        coalesce(suppliers.supplier_group_id, priced.org_code || ':' || priced.supplier_code) as supplier_group_id,
        cast(coalesce(bids.bid_count, 0) as integer) as bid_count,
        bids.winning_bid_time,
        cast(coalesce(scores.expert_count, 0) as integer) as expert_count,
        cast(
            coalesce(
                case when not priced.lacks_parent then priced.sign_date end,
                priced.result_notice_time,
                priced.notice_time,
                priced.open_time
            ) as date
        ) as purchase_date,
        {{ month_of('coalesce(priced.notice_time, priced.open_time, priced.sign_date, make_date(priced.fiscal_year, 1, 1))') }}
            as chain_month
    from priced
    left join summed
        on
            priced.org_code = summed.org_code
            and priced.project_id = summed.project_id
    left join {{ ref('code_label') }} as tenders
        on
            priced.method = tenders.code
            and tenders.code_set = 'tender_method'
    left join {{ ref('code_label') }} as competitive
        on
            priced.method = competitive.code
            and competitive.code_set = 'competitive_method'
    left join {{ ref('dim_supplier') }} as suppliers
        on
            priced.org_code = suppliers.org_code
            and priced.supplier_code = suppliers.supplier_code
    left join bids
        on
            priced.org_code = bids.org_code
            and priced.project_id = bids.project_id
            and priced.lot_no = bids.lot_no
    left join scores
        on
            priced.org_code = scores.org_code
            and priced.project_id = scores.project_id
            and priced.lot_no = scores.lot_no
),

-- What indicators and checks read of it.
chain as (
    select
        org_code,
        chain_id,
        project_id,
        lot_no,
        has_project,
        contract_id,
        project_name,
        category_code,
        category_kind,
        domain,
        method,
        is_tender,
        is_competitive,
        fiscal_year,
        budget_project_code,
        requester_dept_code,
        single_source_reason,
        project_status,
        outcome,
        supplier_code,
        supplier_group_id,
        notice_time,
        doc_sale_start,
        bid_deadline,
        result_notice_time,
        publicity_start,
        publicity_end,
        sign_date,
        lacks_parent,
        contract_status,
        first_invoice_date,
        first_payment_date,
        first_use_month,
        budget_amount,
        award_amount,
        contract_amount,
        is_framework,
        bid_count,
        winning_bid_time,
        expert_count,
        order_lines,
        receipt_lines,
        accepted_lines,
        invoice_count,
        payment_count,
        purchase_amount,
        purchase_date,
        chain_month,
        batch_id
    from described
)

select * from chain
