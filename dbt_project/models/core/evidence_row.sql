{{ config(materialized='view') }}

{#-
    Landing tables that leads point to: the model of core that has their rows, its key in the words of the lead, and the
    columns that say what a row is; one that is not named is null. With `group_by`, columns are aggregates.
-#}
{% set origins = [
    {
        'table': 'his_rx', 'model': 'fct_prescription', 'key': 'rx_id',
        'event_time': 'rx_time', 'encounter_id': 'visit_id', 'dept_code': 'dept_code', 'doctor_code': 'doctor_code',
        'item_name': 'main_icd3', 'qty': 'cast(drug_count as numeric(18, 4))', 'unit': "'种'", 'amount': 'amount',
    },
    {
        'table': 'his_rx_item', 'model': 'fct_prescription_line', 'key': 'rx_item_id',
        'event_time': 'rx_time', 'encounter_id': 'rx_id', 'dept_code': 'dept_code', 'doctor_code': 'doctor_code',
        'item_code': 'drug_code', 'item_name': 'generic_name', 'qty': 'qty', 'unit': 'qty_unit',
        'unit_price': 'unit_price', 'amount': 'amount',
    },
    {
        'table': 'his_dispense', 'model': 'fct_ward_dispense', 'key': 'dispense_id',
        'event_time': 'dispense_time', 'encounter_id': 'adm_id', 'dept_code': 'dept_code', 'item_code': 'drug_code',
        'item_name': 'generic_name', 'qty': 'net_qty', 'unit': 'min_unit', 'amount': 'amount',
    },
    {
        'table': 'his_order', 'model': 'fct_ward_drug_order', 'key': 'order_id',
        'event_time': 'start_time', 'encounter_id': 'adm_id', 'dept_code': 'dept_code', 'doctor_code': 'doctor_code',
        'item_code': 'drug_code', 'item_name': 'generic_name',
    },
    {
        'table': 'his_rx_review', 'model': 'fct_rx_review', 'key': 'review_id',
        'event_time': 'cast(review_date as timestamp)', 'encounter_id': 'coalesce(rx_id, adm_id)',
        'dept_code': 'dept_code', 'doctor_code': 'doctor_code', 'item_code': 'problem_codes', 'item_name': 'result',
        'amount': 'amount',
    },
    {
        'table': 'his_fee', 'model': 'fct_fee_line', 'key': 'fee_id',
        'event_time': 'fee_time', 'encounter_id': 'encounter_id', 'dept_code': 'dept_code',
        'doctor_code': 'doctor_code', 'item_code': 'item_code', 'item_name': 'item_name', 'qty': 'net_qty',
        'unit': 'unit', 'unit_price': 'unit_price', 'amount': 'net_amount',
    },
    {
        'table': 'his_fee', 'model': 'fct_goods_returned', 'key': 'fee_id',
        'event_time': 'returned_at', 'encounter_id': 'encounter_id', 'dept_code': 'dept_code',
        'doctor_code': 'doctor_code', 'item_code': 'item_code', 'item_name': 'item_name', 'qty': 'qty',
        'unit': 'unit', 'amount': 'amount',
    },
    {
        'table': 'his_outp_visit', 'model': 'fct_outp_visit', 'key': 'visit_id',
        'event_time': 'register_time', 'encounter_id': 'visit_id', 'dept_code': 'dept_code',
        'doctor_code': 'doctor_code', 'item_code': 'main_icd3', 'qty': 'cast(1 as numeric(18, 4))', 'unit': "'次'",
    },
    {
        'table': 'his_admission', 'model': 'fct_encounter_cost', 'key': 'encounter_id',
        'where': "encounter_type = 'I'",
        'event_time': 'cast(begin_date as timestamp)', 'encounter_id': 'encounter_id', 'dept_code': 'dept_code',
        'item_code': 'main_icd', 'qty': 'cast(stay_days as numeric(18, 4))', 'unit': "'天'", 'amount': 'amount',
    },
    {
        'table': 'yb_fee_list_d', 'model': 'fct_insurance_line', 'key': 'fee_serial',
        'event_time': 'fee_time', 'encounter_id': 'mdtrt_id', 'dept_code': 'hi_dept_code',
        'doctor_code': 'hi_doctor_code', 'item_code': 'med_list_codg', 'item_name': 'item_name', 'qty': 'net_qty',
        'unit_price': 'price', 'amount': 'net_amount',
    },
    {
        'table': 'yb_mdtrt_d', 'model': 'fct_stay', 'key': 'mdtrt_id',
        'event_time': 'begntime', 'encounter_id': 'mdtrt_id', 'dept_code': 'coalesce(dept_code, department_code)',
        'doctor_code': 'hi_doctor_code', 'item_code': 'main_icd', 'item_name': 'department_name',
        'qty': 'cast(' ~ days_between('begin_date', 'end_date') ~ ' as numeric(18, 4))', 'unit': "'天'",
        'amount': 'amount',
    },
    {
        'table': 'yb_setl_d', 'model': 'fct_insurance_settlement', 'key': 'setl_id',
        'event_time': 'setl_time', 'encounter_id': 'mdtrt_id', 'amount': 'amount',
    },
    {
        'table': 'yb_drg_group', 'model': 'fct_grouped_case', 'key': 'setl_id',
        'event_time': 'cast(begin_date as timestamp)', 'encounter_id': 'mdtrt_id', 'dept_code': 'dept_code',
        'item_code': 'grp_code', 'qty': 'cast(weight as numeric(18, 4))', 'unit': "'权重'", 'amount': 'pay_amount',
    },
    {
        'table': 'yb_setl_list_diag_d', 'model': 'fct_listed_diagnosis', 'key': 'setl_list_diag_id',
        'encounter_id': 'mdtrt_id', 'item_code': 'icd10',
    },
    {
        'table': 'his_adm_diag', 'model': 'fct_stay_diagnosis', 'key': 'diag_id',
        'encounter_id': 'adm_id', 'item_code': 'icd10',
    },
    {
        'table': 'yb_setl_list_oprn_d', 'model': 'fct_listed_operation', 'key': 'setl_list_oprn_id',
        'encounter_id': 'mdtrt_id', 'item_code': 'icd9cm3',
    },
    {
        'table': 'his_settle', 'model': 'fct_settlement', 'key': 'settle_id',
        'event_time': 'settle_time', 'encounter_id': 'encounter_id', 'amount': 'amount',
    },
    {
        'table': 'his_settle', 'model': 'fct_refund', 'key': 'settle_id',
        'event_time': 'refund_time', 'encounter_id': 'encounter_id', 'item_name': 'refund_reason',
        'amount': '-refund_amount',
    },
    {
        'table': 'pr_order', 'model': 'fct_purchase_line', 'key': 'line_key',
        'event_time': 'order_time', 'encounter_id': 'order_id', 'item_code': 'item_code', 'item_name': 'item_name',
        'qty': 'qty', 'unit': 'unit', 'unit_price': 'unit_price', 'amount': 'amount',
    },
    {
        'table': 'pr_vbp_quota', 'model': 'dim_vbp_quota', 'key': 'quota_key',
        'event_time': 'cast(period_start as timestamp)', 'encounter_id': 'vbp_batch', 'item_code': 'med_list_codg',
        'item_name': 'generic_name', 'qty': 'agreed_qty_min_unit', 'unit': "'最小单位'", 'unit_price': 'selected_price',
    },
    {
        'table': 'pr_invoice', 'model': 'fct_invoice', 'key': 'invoice_key',
        'event_time': 'cast(invoice_date as timestamp)', 'encounter_id': 'supplier_code',
        'item_code': 'invoice_code', 'item_name': 'invoice_no', 'amount': 'amount',
    },
    {
        'table': 'pr_receipt', 'model': 'fct_goods_received', 'key': 'line_key',
        'event_time': 'receipt_time', 'encounter_id': 'supplier_code', 'item_code': 'item_code',
        'qty': 'qty_min_unit', 'unit': "'最小单位'", 'unit_price': 'min_unit_price', 'amount': 'amount',
    },
    {
        'table': 'pr_project', 'model': 'fct_procurement_chain', 'key': 'project_id', 'where': 'has_project',
        'group_by': 'org_code, project_id',
        'event_time': 'cast(min(purchase_date) as timestamp)', 'encounter_id': 'min(contract_id)',
        'dept_code': 'min(requester_dept_code)', 'item_code': 'min(category_code)', 'item_name': 'min(project_name)',
        'amount': 'sum(purchase_amount)',
    },
    {
        'table': 'pr_contract', 'model': 'fct_contract_row', 'key': 'contract_id',
        'event_time': 'cast(sign_date as timestamp)', 'encounter_id': 'coalesce(parent_contract_id, project_id)',
        'item_code': 'coalesce(contract_no, contract_id)', 'item_name': 'supplier_name', 'amount': 'amount',
    },
    {
        'table': 'pr_payment', 'model': 'fct_payment', 'key': 'payment_id',
        'event_time': 'cast(pay_date as timestamp)', 'encounter_id': 'contract_id', 'item_code': 'invoice_key',
        'item_name': 'supplier_code', 'amount': 'amount',
    },
    {
        'table': 'his_dispense', 'model': 'fct_device_issued', 'key': 'dispense_id',
        'group_by': 'org_code, dispense_id',
        'event_time': 'min(dispense_time)', 'encounter_id': 'min(encounter_id)', 'item_code': 'min(item_code)',
        'item_name': 'min(udi)', 'qty': 'cast(count(*) as numeric(18, 4))', 'unit': "'件'",
    },
    {
        'table': 'yb_sel', 'model': 'fct_drug_sale', 'key': 'sel_id',
        'event_time': 'sold_at', 'encounter_id': 'mdtrt_id', 'item_code': 'item_code', 'item_name': 'trace_codes',
        'qty': 'qty_min_unit', 'unit': "'最小单位'", 'unit_price': 'min_unit_price',
        'amount': 'cast(qty_min_unit * min_unit_price as numeric(18, 2))',
    },
    {
        'table': 'sv_followup', 'model': 'fct_followup', 'key': 'followup_id',
        'event_time': 'called_at', 'encounter_id': 'adm_id', 'item_code': 'denied_what', 'item_name': 'denied_label',
    },
    {
        'table': 'pr_stock_month', 'model': 'fct_stock_month',
        'key': "store_code || '|' || item_kind || '|' || item_code || '|' || batch_no || '|' || " ~ as_text('month_start'),
        'event_time': 'cast(month_start as timestamp)', 'encounter_id': 'store_code', 'item_code': 'item_code',
        'qty': 'closing_qty - opening_qty', 'unit': "'最小单位'",
    },
    {
        'table': 'pr_stock_move', 'model': 'fct_stock_move', 'key': 'move_id',
        'event_time': 'move_time', 'encounter_id': 'store_code', 'item_code': 'item_code', 'item_name': 'move_kind',
        'qty': 'qty_min_unit', 'unit': "'最小单位'",
    },
    {
        'table': 'sv_visit', 'model': 'fct_visit_contact', 'key': 'visit_id', 'group_by': 'org_code, visit_id',
        'event_time': 'min(visit_start)', 'encounter_id': 'min(rep_id)', 'dept_code': 'min(dept_code)',
        'doctor_code': 'min(doctor_code)', 'item_code': 'min(med_list_codg)', 'item_name': 'min(supplier_code)',
    },
    {
        'table': 'his_access_log', 'model': 'fct_doctor_quantity_query', 'key': 'log_id',
        'event_time': 'log_time', 'encounter_id': 'account', 'doctor_code': 'staff_code', 'item_code': 'app',
        'item_name': 'object_name', 'qty': 'cast(row_count as numeric(18, 4))', 'unit': "'行'",
    },
    {
        'table': 'sv_post_assignment', 'model': 'fct_post_assignment',
        'key': "staff_code || '|' || post_code || '|' || " ~ as_text('start_on'),
        'event_time': 'cast(start_on as timestamp)', 'doctor_code': 'staff_code', 'item_code': 'post_code',
        'item_name': as_text('end_on'), 'qty': 'cast(rotation_limit_months as numeric(18, 4))', 'unit': "'月'",
    },
    {
        'table': 'sv_rectification', 'model': 'fct_rectification', 'key': 'rect_id',
        'event_time': 'cast(closed_on as timestamp)', 'encounter_id': 'notice_id',
        'dept_code': "case when entity_type = 'department' then entity_code end",
        'doctor_code': "case when entity_type = 'staff' then entity_code end",
        'item_code': 'indicator_id', 'item_name': 'status', 'amount': 'refunded_amount',
    },
    {
        'table': 'sv_notice', 'model': 'fct_notice', 'key': 'notice_id',
        'event_time': 'cast(issued_on as timestamp)', 'dept_code': 'recipient_dept_code', 'item_name': 'notice_kind',
    },
    {
        'table': 'sv_donation', 'model': 'fct_donation', 'key': 'donation_id',
        'event_time': 'cast(donated_on as timestamp)', 'encounter_id': 'donor_supplier_code',
        'dept_code': 'beneficiary_dept_code', 'item_code': 'kind', 'item_name': 'donor_name', 'amount': 'amount',
    },
    {
        'table': 'sv_interview', 'model': 'fct_interview', 'key': 'interview_id',
        'event_time': 'cast(held_on as timestamp)', 'encounter_id': 'party_code', 'item_code': 'party_type',
        'item_name': 'topic',
    },
    {
        'table': 'pr_bid', 'model': 'fct_bid', 'key': 'bid_key',
        'event_time': 'bid_time', 'encounter_id': 'lot_key', 'item_code': 'supplier_code',
        'item_name': "coalesce(supplier_name, supplier_code) || '／' || project_name", 'amount': 'bid_amount',
    },
] %}
{% set types = {
    'event_time': 'timestamp',
    'encounter_id': api.Column.translate_type('string'),
    'dept_code': api.Column.translate_type('string'),
    'doctor_code': api.Column.translate_type('string'),
    'item_code': api.Column.translate_type('string'),
    'item_name': api.Column.translate_type('string'),
    'qty': 'numeric(18, 4)',
    'unit': api.Column.translate_type('string'),
    'unit_price': 'numeric(18, 6)',
    'amount': 'numeric(18, 2)',
} %}

-- Grain: one row of core that a lead can point to, under the landing table and key that the lead names.
with evidence_rows as (
    {%- for origin in origins %}
    select
        org_code,
        '{{ origin.table }}' as source_table,
        {{ origin.key }} as row_key,
        {%- for column, type in types.items() %}
        {{ origin[column] or 'cast(null as ' ~ type ~ ')' }} as {{ column }},
        {%- endfor %}
        {{ 'min(batch_id)' if origin.group_by else 'batch_id' }} as batch_id
    from {{ ref(origin.model) }}
    {%- if origin.where %}
    where {{ origin.where }}
    {%- endif %}
    {%- if origin.group_by %}
    group by {{ origin.group_by }}
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from evidence_rows
