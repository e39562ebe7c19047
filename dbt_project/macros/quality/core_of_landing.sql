{#-
    What core holds of every landed table, the one place that says so: group (the model `row_fate_<group>` that judges
    it) -> table -> entry.

    key          columns that tell a row within its organisation, in landing and in the staging view; none: the organisation
    rows         staging view of the table; `key_text` where its key is written otherwise than '#' between the columns
    core         relation that has the rows, with `key` where its columns differ, `where` for the rows of it that are the
                 table's, `of_batch` where only the batch tells, `distinct` where one row of the table becomes several
    joins        what the fates look at: relation `as` alias `on` (row's expression -> column of the relation), `where`,
                 `having`, `adds` (aggregates); a staging view, a seed (`shared`: without organisation) or what core
                 holds of another table. One row a key: grouped, but for `unique` ones
    fates        [condition, fate] in this order: why a row is not due in core; label in code_label, code_set row_fate
    happened_at, month   business moment and month, on both sides; the balance is then kept by month
    amount, dated        money, on both sides, and its day, for control totals; without a day or month: that of its batch
    not_in_core, en      reason, Chinese and English, why rows of the table are not rows of core; `because` says what kind:
                 unread (by nobody), attribute, aggregated, matched, compared; `read_by` the models that read it

    Row and core are called `landed` and `held` in conditions.
-#}
{% macro core_of_landing() -%}
    {% set of_version = {
        'as': 'versions', 'relation': 'stg_reference__rule_version', 'unique': 1,
        'on': {'landed.rule_set': 'rule_set', 'landed.version': 'version'},
    } %}
    {% set no_version = ['versions.org_code is null', 'no_version'] %}
    {{ return({
        'main': {
            'his_fee': {
                'key': ['fee_id'],
                'rows': 'stg_his__fee',
                'core': {'relation': 'fct_fee_line'},
                'happened_at': ['fee_time', 'fee_time'],
                'month': ['service_month', 'service_month'],
                'joins': [{
                    'as': 'taken_back', 'relation': 'stg_his__fee_refund',
                    'on': {'landed.fee_id': 'coalesce(orig_fee_id, fee_id)'}, 'having': 'sum(qty) <= 0',
                }],
                'fates': [
                    ['landed.is_reversal', 'reversal'],
                    ['landed.qty <= 0', 'no_quantity'],
                    ['taken_back.org_code is not null', 'taken_back'],
                ],
            },
            'yb_fee_list_d': {
                'key': ['bkkp_sn'],
                'rows': 'stg_insurance__fee_list_d',
                'core': {'relation': 'fct_insurance_line', 'key': ['fee_serial']},
                'happened_at': ['fee_ocur_time', 'fee_time'],
                'month': ['service_month', 'service_month'],
                'joins': [{
                    'as': 'taken_back', 'relation': 'stg_insurance__fee_refund', 'where': "vali_flag = '1'",
                    'on': {'landed.bkkp_sn': 'coalesce(init_feedetl_sn, bkkp_sn)'}, 'having': 'sum(qty) <= 0',
                }],
                'fates': [
                    ["coalesce(landed.vali_flag, '') <> '1'", 'invalid'],
                    ['landed.is_reversal', 'reversal'],
                    ['landed.cnt <= 0', 'no_quantity'],
                    ['taken_back.org_code is not null', 'taken_back'],
                ],
            },
            'his_settle': {
                'key': ['settle_id'],
                'rows': 'stg_his__settle',
                'core': {'relation': 'fct_settlement'},
                'happened_at': ['settle_time', 'settle_time'],
                'month': ['settle_month', 'settle_month'],
                'joins': [{
                    'as': 'taken_back', 'relation': 'stg_his__settle', 'where': "is_refund or settle_kind <> 'refund'",
                    'on': {'landed.settle_id': 'coalesce(orig_settle_id, settle_id)'}, 'having': 'sum(total_amount) <= 0',
                }],
                'fates': [
                    ["landed.is_refund or landed.settle_kind = 'refund'", 'reversal'],
                    ['taken_back.org_code is not null', 'taken_back'],
                ],
            },
            'yb_setl_d': {
                'key': ['setl_id'],
                'rows': 'stg_insurance__setl_d',
                'core': {'relation': 'fct_insurance_settlement'},
                'happened_at': ['setl_time', 'setl_time'],
                'month': ['setl_month', 'setl_month'],
                'joins': [{
                    'as': 'taken_back', 'relation': 'stg_insurance__setl_d',
                    'where': "vali_flag = '1' and refd_setl_flag = '1' and init_setl_id is not null",
                    'on': {'landed.setl_id': 'init_setl_id'},
                }],
                'fates': [
                    ["coalesce(landed.vali_flag, '') <> '1'", 'invalid'],
                    ["landed.refd_setl_flag = '1'", 'reversal'],
                    ['taken_back.org_code is not null', 'taken_back'],
                ],
            },
            'pr_order': {
                'key': ['order_id', 'line_no'],
                'rows': 'stg_procurement__order',
                'core': {'relation': 'fct_purchase_line', 'key': ['line_key']},
                'happened_at': ['order_time', 'order_time'],
                'month': ['order_month', 'order_month'],
                'fates': [
                    ["landed.status = 'cancelled'", 'invalid'],
                    ['landed.qty <= 0', 'no_quantity'],
                ],
            },
            'his_rx': {
                'key': ['rx_id'],
                'rows': 'stg_his__rx',
                'core': {'relation': 'fct_prescription'},
                'happened_at': ['rx_time', 'rx_time'],
                'month': ['rx_month', 'rx_month'],
                'joins': [
                    {'as': 'prescribed', 'relation': 'stg_his__rx_item', 'on': {'landed.rx_id': 'rx_id'}},
                ],
                'fates': [
                    ["landed.status <> 'valid'", 'invalid'],
                    ['prescribed.org_code is null', 'no_line'],
                ],
            },
            'his_rx_item': {
                'key': ['rx_item_id'],
                'rows': 'stg_his__rx_item',
                'core': {'relation': 'fct_prescription_line'},
                'happened_at': ['prescriptions.rx_time', 'rx_time'],
                'month': ['prescriptions.rx_month', 'rx_month'],
                'amount': ['amount', 'amount'],
                'joins': [{
                    'as': 'prescriptions', 'relation': 'stg_his__rx', 'unique': 1,
                    'on': {'landed.rx_id': 'rx_id'}, 'adds': ['rx_time', 'rx_month', 'status'],
                }],
                'fates': [
                    ['prescriptions.org_code is null', 'no_parent'],
                    ["prescriptions.status <> 'valid'", 'invalid'],
                ],
            },
            'his_outp_visit': {
                'key': ['visit_id'],
                'rows': 'stg_his__outp_visit',
                'core': {'relation': 'fct_outp_visit'},
                'happened_at': ['coalesce(register_time, visit_time)', 'register_time'],
                'month': [month_of('coalesce(register_time, visit_time)'), month_of('register_time')],
                'fates': [['landed.is_cancelled', 'invalid']],
            },
        },
        'his': {
            'his_org': {'key': [], 'rows': 'stg_his__org', 'core': {'relation': 'dim_organisation'}},
            'his_dept': {'key': ['dept_code'], 'rows': 'stg_his__dept', 'core': {'relation': 'dim_department'}},
            'his_staff': {
                'key': ['staff_code'],
                'rows': 'stg_his__staff',
                'core': {'relation': 'dim_doctor', 'key': ['doctor_code']},
            },
            'his_patient': {'key': ['patient_id'], 'rows': 'stg_his__patient', 'core': {'relation': 'dim_patient'}},
            'his_drug': {'key': ['drug_code'], 'rows': 'stg_his__drug', 'core': {'relation': 'dim_drug'}},
            'his_material': {'key': ['material_code'], 'rows': 'stg_his__material', 'core': {'relation': 'dim_material'}},
            'his_charge_item': {
                'key': ['item_code'],
                'rows': 'stg_his__charge_item',
                'core': {'relation': 'dim_item', 'where': "held.item_kind = 'service'"},
            },
            'his_admission': {
                'key': ['adm_id'],
                'rows': 'stg_his__admission',
                'core': {'relation': 'fct_ward_stay'},
                'fates': [['landed.is_cancelled', 'invalid']],
            },
            'his_adm_diag': {
                'key': ['diag_id'],
                'rows': 'stg_his__adm_diag',
                'core': {'relation': 'fct_stay_diagnosis'},
                'joins': [{
                    'as': 'stays', 'relation': 'stg_his__admission', 'unique': 1,
                    'on': {'landed.adm_id': 'adm_id'}, 'adds': ['is_cancelled'],
                }],
                'fates': [
                    ['landed.icd10 is null', 'no_code'],
                    ['stays.org_code is null', 'no_parent'],
                    ['stays.is_cancelled', 'invalid'],
                ],
            },
            'his_outp_diag': {
                'key': ['diag_id'],
                'rows': 'stg_his__outp_diag',
                'core': {'relation': 'fct_outp_diagnosis'},
                'fates': [['landed.icd10 is null', 'no_code']],
            },
            'his_order': {
                'key': ['order_id'],
                'rows': 'stg_his__order',
                'core': {'relation': 'fct_ward_order'},
                'fates': [["landed.status = 'cancelled'", 'invalid']],
            },
            'his_order_exec': {
                'key': ['exec_id'],
                'rows': 'stg_his__order_exec',
                'core': {'relation': 'fct_order_execution'},
                'fates': [["coalesce(landed.status, '') <> 'executed' or landed.exec_time is null", 'not_executed']],
            },
            'his_nursing_day': {
                'key': ['adm_id', 'care_date'],
                'rows': 'stg_his__nursing_day',
                'core': {'relation': 'fct_nursing_day'},
            },
            'his_report': {'key': ['report_id'], 'rows': 'stg_his__report', 'core': {'relation': 'fct_report'}},
            'his_rx_review': {'key': ['review_id'], 'rows': 'stg_his__rx_review', 'core': {'relation': 'fct_rx_review'}},
            'his_surgery': {
                'key': ['surgery_id'],
                'rows': 'stg_his__surgery',
                'core': {'relation': 'fct_surgery'},
                'fates': [
                    ["landed.status = 'cancelled'", 'invalid'],
                    ['landed.adm_id is null', 'no_stay'],
                ],
            },
            'his_dispense': {
                'key': ['dispense_id'],
                'rows': 'stg_his__dispense',
                'core': {'relation': 'fct_ward_dispense'},
                'joins': [{
                    'as': 'brought_back', 'relation': 'stg_his__dispense',
                    'where': "encounter_type = 'I' and item_kind = 'drug' and orig_dispense_id is not null",
                    'on': {'landed.dispense_id': 'orig_dispense_id'}, 'adds': ['sum(qty_min_unit) as qty_min_unit'],
                }],
                'fates': [
                    ["coalesce(landed.item_kind, '') <> 'drug'", 'material'],
                    ["coalesce(landed.encounter_type, '') <> 'I'", 'outpatient'],
                    ['landed.orig_dispense_id is not null', 'reversal'],
                    ['landed.qty_min_unit is null or landed.qty_min_unit <= 0', 'no_quantity'],
                    ['landed.qty_min_unit + coalesce(brought_back.qty_min_unit, 0) <= 0', 'taken_back'],
                ],
            },
            'his_access_log': {
                'key': ['log_id'],
                'rows': 'stg_his__access_log',
                'core': {'relation': 'fct_doctor_quantity_query'},
                'fates': [['not (landed.touches_doctor and landed.touches_drug_qty)', 'other_query']],
            },
        },
        'insurance': {
            'yb_mdtrt_d': {
                'key': ['mdtrt_id'],
                'rows': 'stg_insurance__mdtrt_d',
                'core': {'relation': 'fct_insured_encounter'},
                'fates': [["coalesce(landed.vali_flag, '') <> '1'", 'invalid']],
            },
            'yb_sel': {'key': ['sel_id'], 'rows': 'stg_insurance__sel', 'core': {'relation': 'fct_drug_sale'}},
            'yb_price_limit': {
                'key': ['med_list_codg', 'insu_admdvs', 'hosp_lv', 'begndate'],
                'rows': 'stg_insurance__price_limit',
                'core': {
                    'relation': 'dim_price_limit', 'key': ['med_list_codg', 'insu_admdvs', 'hosp_lv', 'valid_from'],
                },
            },
            'yb_drg_group': {
                'key': ['setl_id', 'grp_method'],
                'rows': 'stg_insurance__drg_group',
                'core': {'relation': 'fct_grouped_case'},
                'amount': ['pay_amount', 'pay_amount'],
                'joins': [
                    {
                        'as': 'graded_by_drg', 'relation': 'stg_insurance__drg_group', 'where': "grp_method = 'DRG'",
                        'on': {'landed.setl_id': 'setl_id'},
                    },
                    {
                        'as': 'settlements', 'relation': 'fct_insurance_settlement', 'where': 'is_counted', 'unique': 1,
                        'on': {'landed.setl_id': 'setl_id'}, 'adds': ['mdtrt_id'],
                    },
                    {
                        'as': 'encounters', 'relation': 'stg_insurance__mdtrt_d', 'where': "vali_flag = '1'", 'unique': 1,
                        'on': {'settlements.mdtrt_id': 'mdtrt_id'}, 'adds': ['left(med_type, 2) as visit_type'],
                    },
                    {
                        'as': 'inpatient_types', 'relation': 'code_label', 'where': "code_set = 'inpatient_med_type'",
                        'on': {'encounters.visit_type': 'code'}, 'shared': 1,
                    },
                ],
                'fates': [
                    ["landed.grp_method <> 'DRG' and graded_by_drg.org_code is not null", 'graded_by_drg'],
                    ['settlements.org_code is null', 'no_settlement'],
                    ['inpatient_types.key_0 is null', 'no_stay'],
                ],
            },
            'yb_setl_list_diag_d': {
                'key': ['setl_list_diag_id'],
                'rows': 'stg_insurance__setl_list_diag_d',
                'core': {'relation': 'fct_listed_diagnosis'},
                'joins': [
                    {'as': 'cases', 'relation': 'fct_grouped_case', 'on': {'landed.mdtrt_id': 'mdtrt_id'}},
                ],
                'fates': [
                    ["coalesce(landed.vali_flag, '') <> '1'", 'invalid'],
                    ['landed.diag_code is null', 'no_code'],
                    ['cases.org_code is null', 'no_graded_case'],
                ],
            },
            'yb_setl_list_oprn_d': {
                'key': ['setl_list_oprn_id'],
                'rows': 'stg_insurance__setl_list_oprn_d',
                'core': {'relation': 'fct_listed_operation'},
                'joins': [
                    {'as': 'cases', 'relation': 'fct_grouped_case', 'on': {'landed.mdtrt_id': 'mdtrt_id'}},
                ],
                'fates': [
                    ["coalesce(landed.vali_flag, '') <> '1'", 'invalid'],
                    ['landed.oprn_oprt_code is null', 'no_code'],
                    ['cases.org_code is null', 'no_graded_case'],
                ],
            },
            'yb_stmt_d': {
                'key': ['stmt_begndate', 'clr_type', 'insutype', 'refd_setl_flag'],
                'rows': 'stg_insurance__stmt_d',
                'because': 'compared',
                'read_by': ['dq_daily_statement'],
                'not_in_core': '医保局的对账总额，只用来与每日结算合计核对（恒等式 DQ17），本身不是业务行。',
                'en': "The insurer's daily totals: settlements are held against them (identity DQ17), they are no business rows.",
            },
            'yb_deduct': {
                'key': ['deduct_id'],
                'because': 'unread',
                'not_in_core': '医保扣款决定尚无指标读取，只落地保存。',
                'en': 'No indicator reads deductions yet; they are kept in landing.',
            },
            'yb_purc': {
                'key': ['purc_id'],
                'because': 'unread',
                'not_in_core': '药店与机构上报医保的采购尚无指标读取（采购订单与入库取自采购系统），只落地保存。',
                'en': 'No indicator reads purchases reported to the insurer yet (orders and receipts come from procurement).',
            },
        },
        'procurement': {
            'pr_project': {
                'key': ['project_id'],
                'rows': 'stg_procurement__project',
                'core': {'relation': 'dim_project'},
                'amount': ['budget_amount', 'budget_amount'],
                'dated': ['notice_time', 'notice_time'],
            },
            'pr_lot': {
                'key': ['project_id', 'lot_no'],
                'rows': 'stg_procurement__lot',
                'core': {'relation': 'fct_lot'},
                'amount': ['award_amount', 'award_amount'],
                'joins': [{
                    'as': 'projects', 'relation': 'stg_procurement__project', 'unique': 1,
                    'on': {'landed.project_id': 'project_id'},
                }],
                'fates': [['projects.org_code is null', 'no_parent']],
            },
            'pr_bid': {
                'key': ['project_id', 'lot_no', 'supplier_code'],
                'rows': 'stg_procurement__bid',
                'core': {'relation': 'fct_bid'},
                'amount': ['bid_amount', 'bid_amount'],
                'dated': ['bid_time', 'bid_time'],
                'joins': [{
                    'as': 'lots', 'relation': 'fct_lot', 'unique': 1, 'adds': ['open_time'],
                    'on': {'landed.project_id': 'project_id', 'landed.lot_no': 'lot_no'},
                }],
                'fates': [
                    ['lots.org_code is null', 'no_parent'],
                    ['lots.open_time is null', 'not_opened'],
                ],
            },
            'pr_bid_item': {
                'key': ['project_id', 'lot_no', 'supplier_code', 'line_no'],
                'rows': 'stg_procurement__bid_item',
                'core': {'relation': 'fct_bid_item', 'key': ['bid_key', 'line_no']},
                'amount': ['amount', 'amount'],
                'joins': [{
                    'as': 'bids', 'relation': 'fct_bid', 'unique': 1,
                    'on': {
                        'landed.project_id': 'project_id', 'landed.lot_no': 'lot_no', 'landed.supplier_code': 'supplier_code',
                    },
                }],
                'fates': [
                    ['coalesce(landed.unit_price, 0) <= 0', 'no_price'],
                    ['bids.org_code is null', 'no_bid'],
                ],
            },
            'pr_eval_score': {
                'key': ['project_id', 'lot_no', 'supplier_code', 'expert_key', 'criterion'],
                'rows': 'stg_procurement__eval_score',
                'because': 'aggregated',
                'read_by': ['fct_procurement_chain'],
                'not_in_core': '评审打分只用来计算每个标段的评审专家人数，汇总在采购链条上。',
                'en': 'Scores only tell how many experts evaluated a lot; the number stands on the chain of the purchase.',
            },
            'pr_contract': {
                'key': ['contract_id'],
                'rows': 'stg_procurement__contract',
                'core': {'relation': 'fct_contract_row'},
                'amount': ['amount', 'amount'],
                'dated': ['sign_date', 'sign_date'],
            },
            'pr_contract_item': {
                'key': ['contract_id', 'line_no'],
                'rows': 'stg_procurement__contract_item',
                'core': {'relation': 'fct_contract_line'},
                'amount': ['amount', 'amount'],
            },
            'pr_receipt': {
                'key': ['receipt_id', 'line_no'],
                'rows': 'stg_procurement__receipt',
                'core': {'relation': 'fct_goods_received', 'key': ['line_key']},
                'amount': ['amount', 'amount'],
                'dated': ['receipt_time', 'receipt_time'],
            },
            'pr_invoice': {
                'key': ['invoice_key'],
                'rows': 'stg_procurement__invoice',
                'core': {'relation': 'fct_supply_invoice'},
                'amount': ['amount', 'amount'],
                'dated': ['invoice_date', 'invoice_date'],
            },
            'pr_payment': {
                'key': ['payment_id'],
                'rows': 'stg_procurement__payment',
                'core': {'relation': 'fct_payment'},
                'amount': ['amount', 'amount'],
                'dated': ['pay_date', 'pay_date'],
            },
            'pr_stock_month': {
                'key': ['store_code', 'item_kind', 'item_code', 'batch_no', 'month_start'],
                'rows': 'stg_procurement__stock_month',
                'core': {'relation': 'fct_stock_month'},
            },
            'pr_stock_move': {
                'key': ['move_id'],
                'rows': 'stg_procurement__stock_move',
                'core': {'relation': 'fct_stock_move'},
            },
            'pr_supplier': {
                'key': ['supplier_code'],
                'rows': 'stg_procurement__supplier',
                'core': {'relation': 'dim_supplier'},
            },
            'pr_supplier_person': {
                'key': ['supplier_code', 'person_key', 'role'],
                'rows': 'stg_procurement__supplier_person',
                'core': {
                    'relation': 'dim_supplier_key',
                    'key': ['supplier_code', 'key_value', 'key_kind'],
                    'joins': [{
                        'as': 'people', 'relation': 'stg_procurement__supplier_person', 'unique': 1,
                        'where': "coalesce(valid_to, date '9999-12-31') >= " ~ detect_date(),
                        'on': {
                            'held.supplier_code': 'supplier_code', 'held.key_value': 'person_key', 'held.key_kind': 'role',
                        },
                    }],
                    'where': 'people.org_code is not null',
                },
                'joins': [{
                    'as': 'suppliers', 'relation': 'stg_procurement__supplier', 'unique': 1,
                    'on': {'landed.supplier_code': 'supplier_code'},
                }],
                'fates': [
                    ["coalesce(landed.valid_to, date '9999-12-31') < " ~ detect_date(), 'ended'],
                    ['suppliers.org_code is null', 'no_parent'],
                ],
            },
            'pr_vbp_quota': {
                'key': ['vbp_batch', 'med_list_codg', 'period_start'],
                'rows': 'stg_procurement__vbp_quota',
                'core': {'relation': 'dim_vbp_quota'},
            },
            'pr_threshold': {
                'key': ['region_code', 'category_kind', 'threshold_kind', 'valid_from'],
                'rows': 'stg_procurement__purchase_limit',
                'because': 'aggregated',
                'read_by': ['dim_purchase_limit'],
                'not_in_core': '各级公布的采购限额按优先次序合并为每家机构每段时间适用的一个限额，不逐行进入核心层。',
                'en': 'Limits of all regions are merged into the one that holds for an organisation and stretch of time.',
            },
        },
        'reference': {
            'ref_rule_version': {
                'key': ['rule_set', 'version'],
                'rows': 'stg_reference__rule_version',
                'core': {'relation': 'dim_rule_version'},
            },
            'ref_code_map': {
                'key': ['rule_set', 'version', 'code_kind', 'clinical_code', 'insurance_code'],
                'rows': 'stg_reference__code_map',
                'core': {'relation': 'dim_code_map'},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_complication_support': {
                'key': ['rule_set', 'version', 'icd_prefix', 'evidence_kind', 'evidence_code'],
                'rows': 'stg_reference__complication_support',
                'core': {'relation': 'dim_complication_support'},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_ungrouped_code': {
                'key': ['rule_set', 'version', 'code_kind', 'code'],
                'rows': 'stg_reference__ungrouped_code',
                'core': {'relation': 'dim_ungrouped_code'},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_freq_limit': {
                'key': ['rule_set', 'version', 'item_code', 'window_kind'],
                'rows': 'stg_reference__freq_limit',
                'core': {'relation': 'dim_frequency_limit', 'key': ['rule_set', 'version', 'med_list_codg', 'window_kind']},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_mutex_pair': {
                'key': ['rule_set', 'version', 'code_a', 'code_b'],
                'rows': 'stg_reference__mutex_pair',
                'core': {'relation': 'dim_mutex_pair'},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_swap_pair': {
                'key': ['rule_set', 'version', 'billed_code', 'true_code'],
                'rows': 'stg_reference__swap_pair',
                'core': {'relation': 'dim_swap_pair'},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_surgery_discount': {
                'key': ['rule_set', 'version', 'grp', 'item_code'],
                'rows': 'stg_reference__surgery_discount',
                'core': {'relation': 'dim_surgery_discount', 'key': ['rule_set', 'version', 'grp', 'med_list_codg']},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_charge_bundle': {
                'key': ['rule_set', 'version', 'parent_code', 'component_code'],
                'rows': 'stg_reference__charge_bundle',
                'core': {'relation': 'dim_charge_bundle'},
                'joins': [{
                    'as': 'versions', 'relation': 'dim_rule_version', 'unique': 1, 'adds': ['valid_from', 'valid_to'],
                    'on': {'landed.rule_set': 'rule_set', 'landed.version': 'version'},
                }],
                'fates': [
                    no_version,
                    [
                        'greatest(versions.valid_from, coalesce(landed.valid_from, versions.valid_from))'
                        ~ ' > least(versions.valid_to, coalesce(landed.valid_to, versions.valid_to))',
                        'never_in_force',
                    ],
                ],
            },
            'ref_drug_limit': {
                'key': ['rule_set', 'version', 'med_list_codg', 'limit_kind'],
                'rows': 'stg_reference__drug_limit',
                'core': {'relation': 'dim_payment_limit', 'of_batch': 1},
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_item_limit': {
                'key': ['rule_set', 'version', 'item_code', 'limit_kind'],
                'rows': 'stg_reference__item_limit',
                'core': {
                    'relation': 'dim_payment_limit', 'key': ['rule_set', 'version', 'med_list_codg', 'limit_kind'],
                    'of_batch': 1,
                },
                'joins': [of_version],
                'fates': [no_version],
            },
            'ref_course_limit': {
                'key': ['rule_set', 'version', 'med_list_codg'],
                'rows': 'stg_reference__course_limit',
                'core': {'relation': 'dim_payment_limit', 'of_batch': 1, 'distinct': 1},
                'joins': [of_version],
                'fates': [
                    no_version,
                    ['landed.max_days is null and landed.max_qty_min_unit is null', 'no_limit'],
                ],
            },
            'ref_coding_change': {
                'key': ['change_kind', 'changed_on'],
                'rows': 'stg_reference__coding_change',
                'core': {'relation': 'dim_coding_change'},
            },
            'ref_listed_price': {
                'key': ['region_code', 'med_list_codg', 'price_kind', 'supplier_or_mah', 'valid_from'],
                'rows': 'stg_reference__listed_price',
                'core': {'relation': 'dim_listed_price'},
            },
            'ref_holiday': {
                'key': ['calendar_date'],
                'rows': 'stg_reference__holiday',
                'because': 'attribute',
                'read_by': ['dim_working_day'],
                'not_in_core': '节假日与调休日只决定某一天是否工作日，核心层对每一天都有一行，不论有无节假日。',
                'en': 'Holidays only decide whether a day is a working day; core has a row for every day, holiday or not.',
            },
            'dim_related_org': {
                'key': ['uscc_a', 'uscc_b', 'relation'],
                'rows': 'stg_reference__related_org',
                'because': 'aggregated',
                'read_by': ['dim_company_group'],
                'not_in_core': '企业之间的关联合并为企业集团，关联本身不逐行进入核心层。',
                'en': 'Relations between companies are merged into groups of companies.',
            },
        },
        'supervision': {
            'sv_complaint': {
                'key': ['complaint_id'],
                'rows': 'stg_supervision__complaint',
                'core': {'relation': 'fct_fee_complaint'},
                'fates': [
                    ["coalesce(landed.topic, '') <> 'fee'", 'other_topic'],
                    ["landed.status = 'rejected'", 'rejected'],
                    ['landed.encounter_id is null', 'no_encounter'],
                ],
            },
            'sv_donation': {
                'key': ['donation_id'],
                'rows': 'stg_supervision__donation',
                'core': {'relation': 'fct_donation'},
                'amount': ['amount', 'amount'],
            },
            'sv_followup': {'key': ['followup_id'], 'rows': 'stg_supervision__followup', 'core': {'relation': 'fct_followup'}},
            'sv_interview': {
                'key': ['interview_id'],
                'rows': 'stg_supervision__interview',
                'core': {'relation': 'fct_interview'},
            },
            'sv_notice': {'key': ['notice_id'], 'rows': 'stg_supervision__notice', 'core': {'relation': 'fct_notice'}},
            'sv_post_assignment': {
                'key': ['staff_code', 'post_code', 'start_on'],
                'rows': 'stg_supervision__post_assignment',
                'core': {'relation': 'fct_post_assignment'},
            },
            'sv_rectification': {
                'key': ['rect_id'],
                'rows': 'stg_supervision__rectification',
                'core': {'relation': 'fct_rectification'},
                'amount': ['refunded_amount', 'refunded_amount'],
            },
            'sv_visit': {
                'key': ['visit_id'],
                'rows': 'stg_supervision__visit',
                'core': {'relation': 'fct_visit_contact', 'distinct': 1},
            },
            'sv_declaration': {
                'key': ['declaration_id'],
                'rows': 'stg_supervision__declaration',
                'because': 'matched',
                'read_by': ['dim_staff_interest'],
                'not_in_core': '申报只用来与供应商人员和企业比对，比对上的成为职工与供应商的利益关系，其余不进入核心层。',
                'en': 'Declarations are only matched with the people and companies of suppliers; matches become interests of staff.',
            },
            'sv_activity_month': {
                'key': ['month_start', 'metric'],
                'because': 'unread',
                'not_in_core': '廉洁活动月报尚无指标读取，只落地保存。',
                'en': 'No indicator reads monthly reports of activities yet; they are kept in landing.',
            },
            'sv_gift': {
                'key': ['gift_id'],
                'because': 'unread',
                'not_in_core': '红包礼金上交登记尚无指标读取，只落地保存。',
                'en': 'No indicator reads gifts that were handed in yet; they are kept in landing.',
            },
            'sv_rep': {
                'key': ['rep_id'],
                'because': 'unread',
                'not_in_core': '医药代表登记尚无指标读取，只落地保存。',
                'en': 'No indicator reads registered representatives yet; they are kept in landing.',
            },
            'sv_score': {
                'key': ['score_id'],
                'because': 'unread',
                'not_in_core': '清廉考评得分尚无指标读取，只落地保存。',
                'en': 'No indicator reads scores of the integrity assessment yet; they are kept in landing.',
            },
            'sv_selfcheck': {
                'key': ['selfcheck_id'],
                'because': 'unread',
                'not_in_core': '自查自纠尚无指标读取，只落地保存。',
                'en': 'No indicator reads self-checks yet; they are kept in landing.',
            },
            'sv_talk': {
                'key': ['talk_id'],
                'because': 'unread',
                'not_in_core': '谈心谈话尚无指标读取，只落地保存。',
                'en': 'No indicator reads talks yet; they are kept in landing.',
            },
            'sv_task': {
                'key': ['task_id'],
                'because': 'unread',
                'not_in_core': '任务分解尚无指标读取，只落地保存。',
                'en': 'No indicator reads assigned tasks yet; they are kept in landing.',
            },
            'sv_veto_event': {
                'key': ['veto_id'],
                'because': 'unread',
                'not_in_core': '一票否决事件尚无指标读取，只落地保存。',
                'en': 'No indicator reads veto events yet; they are kept in landing.',
            },
        },
    }) }}
{%- endmacro %}
