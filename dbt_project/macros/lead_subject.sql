{#-
    What a lead is about, in Chinese or in English ("zh", "en"): codes by their labels and the words
    between them. Names of departments, companies, items and projects stay as the source gives them.
    Asked for in `lead_listing`, whose joins it names.
-#}
{% macro lead_subject(language) -%}
    {%- set label = 'label_' ~ language -%}
    {%- set words = lead_subject_words()[language] -%}
    {%- set slash, open, close, gap = words.signs -%}
    {#- Department of the person that a lead is about: the lead's, else the person's own. -#}
    {%- set staff_dept = 'coalesce(departments.dept_name, doctors.dept_name)' -%}
    case leads.subject_type
        when 'doctor' then {{ staff_label(staff_dept, 'leads.subject_id', words.doctor) }}
        when 'doctor_series'
            then {{ staff_label(staff_dept, 'leads.doctor_code', words.doctor) }} || '{{ slash }}' || coalesce(series_label.{{ label }}, leads.subject_id)
        when 'doctor_product'
            then {{ staff_label(staff_dept, 'leads.doctor_code', words.doctor) }} || '{{ slash }}' || split_part(leads.subject_id, '|', 2)
        when 'doctor_switch'
            then
                {{ staff_label(staff_dept, 'leads.doctor_code', words.doctor) }}
                || '{{ slash }}' || split_part(leads.subject_id, '|', 2) || '→' || split_part(leads.subject_id, '|', 3)
        when 'department_switch'
            then
                coalesce(departments.dept_name, leads.dept_code, '—')
                || '{{ slash }}' || split_part(leads.subject_id, '|', 2) || '→' || split_part(leads.subject_id, '|', 3)
        when 'doctor_maker'
            then
                {{ staff_label(staff_dept, 'leads.doctor_code', words.doctor) }}
                || '{{ slash }}' || coalesce(makers.manufacturer_name, split_part(leads.subject_id, '|', 2))
        when 'staff_roles' then {{ staff_label(staff_dept, 'leads.subject_id', words.staff) }}
        when 'key_post'
            then
                {{ staff_label(staff_dept, 'leads.doctor_code', words.staff) }}
                || '{{ slash }}' || coalesce(post_label.{{ label }}, split_part(leads.subject_id, '|', 2)) || '{{ words.post }}'
        when 'staff' then {{ staff_label(staff_dept, 'leads.subject_id', words.staff) }}
        when 'access_account' then {{ staff_label(staff_dept, 'leads.subject_id', words.account) }}
        when 'antibacterial_measure'
            then coalesce(organisations.org_name, leads.org_code) || '{{ slash }}' || coalesce(measure_label.{{ label }}, leads.subject_id)
        when 'encounter' then '{{ words.encounter }}' || leads.subject_id
        when 'patient' then '{{ words.patient }}' || leads.subject_id
        when 'operator' then '{{ words.staff_number }}' || leads.subject_id
        when 'supplier_award'
            then
                coalesce(suppliers.supplier_name, split_part(leads.subject_id, '|', 2))
                || '{{ slash }}{{ words.lot }}' || split_part(leads.subject_id, '|', 1)
        when 'rectification'
            then
                coalesce({{ staff_label(staff_dept, 'leads.doctor_code', words.doctor) }}, departments.dept_name, matters.entity_code, '—')
                || '{{ slash }}' || coalesce(matters.indicator_id, '') || '{{ words.matter }}' || leads.subject_id
        when 'hospital' then coalesce(organisations.org_name, leads.subject_id)
        when 'department' then coalesce(departments.dept_name, leads.subject_id)
        when 'charge_item' then coalesce(items.item_name, leads.subject_id)
        when 'purchase_item'
            then
                coalesce(items.item_name, split_part(leads.subject_id, '|', 1))
                || '{{ slash }}'
                || coalesce(suppliers.supplier_name, split_part(leads.subject_id, '|', 2))
        when 'supplier_invoices'
            then
                coalesce(suppliers.supplier_name, split_part(leads.subject_id, '|', 2))
                || '{{ slash }}' || coalesce(question_label.{{ label }}, split_part(leads.subject_id, '|', 1))
        when 'vbp_agreement' then replace(leads.subject_id, '|', '{{ slash }}')
        when 'budget_category'
            then
                '{{ words.budget }}' || split_part(leads.subject_id, '|', 1)
                || '{{ slash }}' || coalesce(project_categories.category_label, split_part(leads.subject_id, '|', 2))
        when 'dept_category'
            then
                coalesce(departments.dept_name, leads.dept_code)
                || '{{ slash }}' || coalesce(project_categories.category_label, split_part(leads.subject_id, '|', 2))
                || '{{ open }}' || coalesce(limit_label.{{ label }}, '—') || '{{ close }}'
        when 'project_stage'
            then
                coalesce(projects.project_name, '{{ words.project }}') || '{{ open }}' || split_part(leads.subject_id, '|', 1) || '{{ close }}{{ slash }}'
                || coalesce(stage_label.{{ label }}, split_part(leads.subject_id, '|', 2))
        when 'contract_stage'
            then
                coalesce(contracts.supplier_name, '') || '{{ words.contract }}' || split_part(leads.subject_id, '|', 1) || '{{ slash }}'
                || coalesce(stage_label.{{ label }}, split_part(leads.subject_id, '|', 2))
        when 'single_source' then coalesce(projects.project_name, '{{ words.project }}') || '{{ open }}' || leads.subject_id || '{{ close }}'
        when 'single_source_supplier' then coalesce(suppliers.supplier_name, split_part(leads.subject_id, '|', 2))
        when 'purchase_bunching'
            then
                coalesce(organisations.org_name, leads.org_code)
                || '{{ slash }}' || coalesce(method_label.{{ label }}, split_part(leads.subject_id, '|', 1))
        when 'contract_supplement' then coalesce(contracts.supplier_name, '') || '{{ words.contract }}' || leads.subject_id
        when 'contract_payment' then coalesce(contracts.supplier_name, '') || '{{ words.contract }}' || leads.subject_id
        when 'contract_renewal' then coalesce(contracts.supplier_name, '') || '{{ words.contract }}' || leads.subject_id
        when 'contract_scope' then coalesce(contracts.supplier_name, '') || '{{ words.contract }}' || leads.subject_id
        when 'lot' then coalesce(lots.project_name || '{{ open }}' || leads.subject_id || '{{ close }}', leads.subject_id)
        when 'lot_rejection' then coalesce(lots.project_name || '{{ open }}' || leads.subject_id || '{{ close }}', leads.subject_id)
        when 'bidder_pair'
            then
                coalesce(first_suppliers.supplier_name, split_part(leads.subject_id, '|', 1))
                || '{{ slash }}'
                || coalesce(suppliers.supplier_name, split_part(leads.subject_id, '|', 2))
        when 'bidder_group' then coalesce(first_suppliers.supplier_name, leads.subject_id) || '{{ words.others }}'
        when 'department_scan'
            then
                coalesce(departments.dept_name, leads.dept_code)
                || '{{ slash }}' || coalesce(setting_label.{{ label }} || '{{ gap }}', '') || coalesce(cost_label.{{ label }}, leads.subject_id)
        when 'department_cost'
            then
                coalesce(departments.dept_name, leads.dept_code)
                || '{{ slash }}' || coalesce(setting_label.{{ label }} || '{{ gap }}', '') || coalesce(cost_label.{{ label }}, leads.subject_id)
        when 'traced_material' then coalesce(items.item_name, leads.subject_id)
        when 'report_item' then coalesce(items.item_name, leads.subject_id)
        when 'stock_item' then coalesce(items.item_name, split_part(leads.subject_id, '|', 1))
        when 'stock_item_year' then coalesce(items.item_name, split_part(leads.subject_id, '|', 1))
        when 'swap_pair'
            then
                coalesce(items.item_name, split_part(leads.subject_id, '|', 1))
                || '{{ slash }}' || coalesce(departments.dept_name, leads.dept_code)
        when 'hospital_cost'
            then
                coalesce(organisations.org_name, leads.org_code)
                || '{{ slash }}' || coalesce(setting_label.{{ label }} || '{{ gap }}', '') || coalesce(cost_label.{{ label }}, leads.subject_id)
        when 'department_coding'
            then coalesce(departments.dept_name, leads.dept_code) || '{{ slash }}' || coalesce(coding_label.{{ label }}, leads.subject_id)
        when 'hospital_coding'
            then coalesce(organisations.org_name, leads.org_code) || '{{ slash }}' || coalesce(coding_label.{{ label }}, leads.subject_id)
        when 'category'
            then
                coalesce(categories.category_label{{ '_en' if language == 'en' }}, split_part(leads.subject_id, '|', 1))
                || '{{ open }}' || coalesce(side_label.{{ label }}, '—') || '{{ close }}'
        else leads.subject_id
    end
{%- endmacro %}

{#- Signs: between two parts, around what is bracketed, and between two labels. -#}
{% macro lead_subject_words() -%}
    {{ return({
        'zh': {
            'signs': ['／', '（', '）', ''],
            'doctor': '医师', 'staff': '工号', 'account': '账号', 'post': '岗位', 'others': '等企业',
            'encounter': '就诊号', 'patient': '患者号', 'staff_number': '工号', 'lot': '标包',
            'matter': '整改事项', 'budget': '预算项目', 'project': '采购项目', 'contract': '合同'
        },
        'en': {
            'signs': [' / ', ' (', ')', ': '],
            'doctor': 'doctor', 'staff': 'staff no.', 'account': 'account', 'post': ' post', 'others': ' and others',
            'encounter': 'Visit ', 'patient': 'Patient ', 'staff_number': 'Staff no. ', 'lot': 'lot ',
            'matter': ' rectification ', 'budget': 'Budget item ', 'project': 'Purchasing project', 'contract': ' contract '
        }
    }) }}
{%- endmacro %}
