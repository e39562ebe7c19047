{{ config(materialized='view') }}

-- Grain: one row of core that a lead can point to, under the landing table and key that the lead names.
with evidence_rows as (
    select
        org_code,
        'his_rx' as source_table,
        rx_id as row_key,
        rx_time as event_time,
        visit_id as encounter_id,
        dept_code,
        doctor_code,
        {{ as_text('null') }} as item_code,
        main_icd3 as item_name,
        cast(drug_count as numeric(18, 4)) as qty,
        '种' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_prescription') }}
    union all
    select
        org_code,
        'his_rx_item' as source_table,
        rx_item_id as row_key,
        rx_time as event_time,
        rx_id as encounter_id,
        dept_code,
        doctor_code,
        drug_code as item_code,
        generic_name as item_name,
        qty,
        qty_unit as unit,
        unit_price,
        amount,
        batch_id
    from {{ ref('fct_prescription_line') }}
    union all
    select
        org_code,
        'his_dispense' as source_table,
        dispense_id as row_key,
        dispense_time as event_time,
        adm_id as encounter_id,
        dept_code,
        {{ as_text('null') }} as doctor_code,
        drug_code as item_code,
        generic_name as item_name,
        net_qty as qty,
        min_unit as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_ward_dispense') }}
    union all
    select
        org_code,
        'his_order' as source_table,
        order_id as row_key,
        start_time as event_time,
        adm_id as encounter_id,
        dept_code,
        doctor_code,
        drug_code as item_code,
        generic_name as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_ward_drug_order') }}
    union all
    select
        org_code,
        'his_rx_review' as source_table,
        review_id as row_key,
        cast(review_date as timestamp) as event_time,
        coalesce(rx_id, adm_id) as encounter_id,
        dept_code,
        doctor_code,
        problem_codes as item_code,
        result as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_rx_review') }}
    union all
    select
        org_code,
        'his_fee' as source_table,
        fee_id as row_key,
        fee_time as event_time,
        encounter_id,
        dept_code,
        doctor_code,
        item_code,
        item_name,
        net_qty as qty,
        unit,
        unit_price,
        net_amount as amount,
        batch_id
    from {{ ref('fct_fee_line') }}
    union all
    select
        org_code,
        'his_outp_visit' as source_table,
        visit_id as row_key,
        register_time as event_time,
        visit_id as encounter_id,
        dept_code,
        doctor_code,
        main_icd3 as item_code,
        {{ as_text('null') }} as item_name,
        cast(1 as numeric(18, 4)) as qty,
        '次' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_outp_visit') }}
    union all
    select
        org_code,
        'his_admission' as source_table,
        encounter_id as row_key,
        cast(begin_date as timestamp) as event_time,
        encounter_id,
        dept_code,
        {{ as_text('null') }} as doctor_code,
        main_icd as item_code,
        {{ as_text('null') }} as item_name,
        cast(stay_days as numeric(18, 4)) as qty,
        '天' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_encounter_cost') }}
    where encounter_type = 'I'
    union all
    select
        org_code,
        'yb_fee_list_d' as source_table,
        fee_serial as row_key,
        fee_time as event_time,
        mdtrt_id as encounter_id,
        hi_dept_code as dept_code,
        hi_doctor_code as doctor_code,
        med_list_codg as item_code,
        item_name,
        net_qty as qty,
        {{ as_text('null') }} as unit,
        price as unit_price,
        net_amount as amount,
        batch_id
    from {{ ref('fct_insurance_line') }}
    union all
    select
        org_code,
        'yb_mdtrt_d' as source_table,
        mdtrt_id as row_key,
        begntime as event_time,
        mdtrt_id as encounter_id,
        coalesce(dept_code, department_code) as dept_code,
        hi_doctor_code as doctor_code,
        main_icd as item_code,
        department_name as item_name,
        cast({{ days_between('begin_date', 'end_date') }} as numeric(18, 4)) as qty,
        '天' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_stay') }}
    union all
    select
        org_code,
        'yb_setl_d' as source_table,
        setl_id as row_key,
        setl_time as event_time,
        mdtrt_id as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        {{ as_text('null') }} as item_code,
        {{ as_text('null') }} as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_insurance_settlement') }}
    union all
    select
        org_code,
        'yb_drg_group' as source_table,
        setl_id as row_key,
        cast(begin_date as timestamp) as event_time,
        mdtrt_id as encounter_id,
        dept_code,
        {{ as_text('null') }} as doctor_code,
        grp_code as item_code,
        {{ as_text('null') }} as item_name,
        cast(weight as numeric(18, 4)) as qty,
        '权重' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        pay_amount as amount,
        batch_id
    from {{ ref('fct_grouped_case') }}
    union all
    select
        org_code,
        'yb_setl_list_diag_d' as source_table,
        setl_list_diag_id as row_key,
        cast(null as timestamp) as event_time,
        mdtrt_id as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        icd10 as item_code,
        {{ as_text('null') }} as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_listed_diagnosis') }}
    union all
    select
        org_code,
        'yb_setl_list_oprn_d' as source_table,
        setl_list_oprn_id as row_key,
        cast(null as timestamp) as event_time,
        mdtrt_id as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        icd9cm3 as item_code,
        {{ as_text('null') }} as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_listed_operation') }}
    union all
    select
        org_code,
        'his_settle' as source_table,
        settle_id as row_key,
        settle_time as event_time,
        encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        {{ as_text('null') }} as item_code,
        {{ as_text('null') }} as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_settlement') }}
    union all
    select
        org_code,
        'his_settle' as source_table,
        settle_id as row_key,
        refund_time as event_time,
        encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        {{ as_text('null') }} as item_code,
        refund_reason as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        -refund_amount as amount,
        batch_id
    from {{ ref('fct_refund') }}
    union all
    select
        org_code,
        'pr_order' as source_table,
        line_key as row_key,
        order_time as event_time,
        order_id as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        item_code,
        item_name,
        qty,
        unit,
        unit_price,
        amount,
        batch_id
    from {{ ref('fct_purchase_line') }}
    union all
    select
        org_code,
        'pr_vbp_quota' as source_table,
        quota_key as row_key,
        cast(period_start as timestamp) as event_time,
        vbp_batch as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        med_list_codg as item_code,
        generic_name as item_name,
        agreed_qty_min_unit as qty,
        '最小单位' as unit,
        selected_price as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('dim_vbp_quota') }}
    union all
    select
        org_code,
        'pr_invoice' as source_table,
        invoice_key as row_key,
        cast(invoice_date as timestamp) as event_time,
        supplier_code as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        invoice_code as item_code,
        invoice_no as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_invoice') }}
    union all
    select
        org_code,
        'pr_receipt' as source_table,
        line_key as row_key,
        receipt_time as event_time,
        supplier_code as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        item_code,
        {{ as_text('null') }} as item_name,
        qty_min_unit as qty,
        '最小单位' as unit,
        min_unit_price as unit_price,
        amount,
        batch_id
    from {{ ref('fct_goods_received') }}
    union all
    select
        org_code,
        'pr_project' as source_table,
        project_id as row_key,
        cast(min(purchase_date) as timestamp) as event_time,
        min(contract_id) as encounter_id,
        min(requester_dept_code) as dept_code,
        {{ as_text('null') }} as doctor_code,
        min(category_code) as item_code,
        min(project_name) as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        sum(purchase_amount) as amount,
        min(batch_id) as batch_id
    from {{ ref('fct_procurement_chain') }}
    where has_project
    group by org_code, project_id
    union all
    select
        org_code,
        'pr_contract' as source_table,
        contract_id as row_key,
        cast(sign_date as timestamp) as event_time,
        coalesce(parent_contract_id, project_id) as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        coalesce(contract_no, contract_id) as item_code,
        supplier_name as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_contract_row') }}
    union all
    select
        org_code,
        'pr_payment' as source_table,
        payment_id as row_key,
        cast(pay_date as timestamp) as event_time,
        contract_id as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        invoice_key as item_code,
        supplier_code as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        amount,
        batch_id
    from {{ ref('fct_payment') }}
    union all
    select
        org_code,
        'his_dispense' as source_table,
        dispense_id as row_key,
        min(dispense_time) as event_time,
        min(encounter_id) as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        min(item_code) as item_code,
        min(udi) as item_name,
        cast(count(*) as numeric(18, 4)) as qty,
        '件' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        min(batch_id) as batch_id
    from {{ ref('fct_device_issued') }}
    group by org_code, dispense_id
    union all
    select
        org_code,
        'yb_sel' as source_table,
        sel_id as row_key,
        sold_at as event_time,
        mdtrt_id as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        item_code,
        trace_codes as item_name,
        qty_min_unit as qty,
        '最小单位' as unit,
        min_unit_price as unit_price,
        cast(qty_min_unit * min_unit_price as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_drug_sale') }}
    union all
    select
        org_code,
        'sv_followup' as source_table,
        followup_id as row_key,
        called_at as event_time,
        adm_id as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        {{ as_text('null') }} as item_code,
        {{ as_text('null') }} as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_followup') }}
    union all
    select
        org_code,
        'pr_stock_month' as source_table,
        store_code || '|' || item_kind || '|' || item_code || '|' || batch_no || '|' || {{ as_text('month_start') }}
            as row_key,
        cast(month_start as timestamp) as event_time,
        store_code as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        item_code,
        {{ as_text('null') }} as item_name,
        closing_qty - opening_qty as qty,
        '最小单位' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_stock_month') }}
    union all
    select
        org_code,
        'pr_stock_move' as source_table,
        move_id as row_key,
        move_time as event_time,
        store_code as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        item_code,
        move_kind as item_name,
        qty_min_unit as qty,
        '最小单位' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_stock_move') }}
    union all
    select
        org_code,
        'sv_visit' as source_table,
        visit_id as row_key,
        min(visit_start) as event_time,
        min(rep_id) as encounter_id,
        min(dept_code) as dept_code,
        min(doctor_code) as doctor_code,
        min(med_list_codg) as item_code,
        min(supplier_code) as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        min(batch_id) as batch_id
    from {{ ref('fct_visit_contact') }}
    group by org_code, visit_id
    union all
    select
        org_code,
        'his_access_log' as source_table,
        log_id as row_key,
        log_time as event_time,
        account as encounter_id,
        {{ as_text('null') }} as dept_code,
        staff_code as doctor_code,
        app as item_code,
        object_name as item_name,
        cast(row_count as numeric(18, 4)) as qty,
        '行' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_doctor_quantity_query') }}
    union all
    select
        org_code,
        'sv_post_assignment' as source_table,
        staff_code || '|' || post_code || '|' || {{ as_text('start_on') }} as row_key,
        cast(start_on as timestamp) as event_time,
        {{ as_text('null') }} as encounter_id,
        {{ as_text('null') }} as dept_code,
        staff_code as doctor_code,
        post_code as item_code,
        {{ as_text('end_on') }} as item_name,
        cast(rotation_limit_months as numeric(18, 4)) as qty,
        '月' as unit,
        cast(null as numeric(18, 6)) as unit_price,
        cast(null as numeric(18, 2)) as amount,
        batch_id
    from {{ ref('fct_post_assignment') }}
    union all
    select
        org_code,
        'pr_bid' as source_table,
        bid_key as row_key,
        bid_time as event_time,
        lot_key as encounter_id,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as doctor_code,
        supplier_code as item_code,
        coalesce(supplier_name, supplier_code) || '／' || project_name as item_name,
        cast(null as numeric(18, 4)) as qty,
        {{ as_text('null') }} as unit,
        cast(null as numeric(18, 6)) as unit_price,
        bid_amount as amount,
        batch_id
    from {{ ref('fct_bid') }}
)

select * from evidence_rows
