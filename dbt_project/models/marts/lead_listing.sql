{#- Numbers that an indicator's sentence may name. -#}
{% set numbers = ['value', 'threshold', 'expected', 'deviation', 'n', 'peer_n', 'risk_gross', 'risk_fund'] %}

-- Grain: one lead with all labels, ready to show; inactive ones stay visible as such.
with leads as (
    select * from {{ ref('lead') }}
),

evidence_counts as (
    select
        lead_id,
        count(*) as evidence_rows
    from {{ ref('lead_evidence') }}
    group by lead_id
),

-- One label an item code, whatever kinds of item share it.
items as (
    select
        org_code,
        item_code,
        min(item_name) as item_name
    from {{ ref('dim_item') }}
    group by org_code, item_code
),

-- One name a maker, whatever catalogues write.
makers as (
    select
        manufacturer_uscc,
        min(manufacturer_name) as manufacturer_name
    from {{ ref('dim_drug') }}
    where manufacturer_uscc is not null
    group by manufacturer_uscc
),

labels as (
    select * from {{ ref('code_label') }}
),

sentences as (
    {{ indicator_sentences() }}
),

lots as (
    select
        org_code,
        lot_key,
        project_name
    from {{ ref('fct_lot') }}
),

-- What ties the companies of a lead, in words.
links as (
    select
        lead_id,
        replace({{ text_list('edge_kind_zh') }}, ', ', '、') as links_zh
    from {{ ref('network_edge') }}
    where target_kind = 'company' and edge_kind <> 'joint_bids'
    group by lead_id
),

named as (
    select
        leads.*,
        light_label.label_zh as light_zh,
        indicators.name_zh as indicator_name_zh,
        indicators.name_en as indicator_name_en,
        indicators.family,
        family_label.label_zh as family_zh,
        indicators.focus_area,
        organisations.org_name,
        level_label.label_zh as org_level_zh,
        type_label.label_zh as org_type_zh,
        organisations.district_code,
        coalesce(district_label.label_zh, organisations.district_code) as district_name,
        departments.dept_name,
        -- Purchases and the like are of no department: a dash says so, an empty field would look lost.
        coalesce(departments.dept_name, leads.dept_code, '—') as dept_label,
        subject_label.label_zh as subject_type_zh,
        {{ lead_subject('zh') }} as subject_label,
        {{ lead_subject('en') }} as subject_label_en,
        {{ month_of('leads.period_start') }} as period_month,
        kind_label.label_zh as kind_zh,
        coalesce(links.links_zh, sign_label.label_zh) as detail,
        coalesce(
            sentences.sentence,
            indicators.explanation_zh,
            '{subject}{period}的指标值为{value}，阈值{threshold}，涉及 {risk_gross:money} 元。'
        ) as sentence,
        {{ as_text("cast(extract(year from leads.period_start) as integer)") }} || '年'
        || case
            when {{ days_between('leads.period_start', 'leads.period_end') }} > 100 then ''
            when {{ days_between('leads.period_start', 'leads.period_end') }} > 31
                then '第' || {{ as_text("cast(extract(quarter from leads.period_start) as integer)") }} || '季度'
            else {{ as_text("cast(extract(month from leads.period_start) as integer)") }} || '月'
        end as period_label,
        indicators.legal_basis,
        indicators.false_positives as false_positives_zh,
        trends.percentile,
        coalesce(evidence_counts.evidence_rows, 0) as evidence_rows
    from leads
    inner join {{ ref('indicator') }} as indicators on leads.indicator_id = indicators.indicator_id
    left join sentences
        on
            leads.indicator_id = sentences.indicator_id
            and leads.subject_type = sentences.subject_type
    left join {{ ref('dim_organisation') }} as organisations on leads.org_code = organisations.org_code
    left join {{ ref('dim_department') }} as departments
        on
            leads.org_code = departments.org_code
            and leads.dept_code = departments.dept_code
    left join {{ ref('dim_doctor') }} as doctors
        on
            leads.org_code = doctors.org_code
            and leads.doctor_code = doctors.doctor_code
    left join items
        on
            leads.org_code = items.org_code
            and split_part(leads.subject_id, '|', 1) = items.item_code
    left join {{ ref('dim_supplier') }} as suppliers
        on
            leads.org_code = suppliers.org_code
            and split_part(leads.subject_id, '|', 2) = suppliers.supplier_code
    left join makers on split_part(leads.subject_id, '|', 2) = makers.manufacturer_uscc
    left join {{ ref('dim_supplier') }} as first_suppliers
        on
            leads.org_code = first_suppliers.org_code
            and split_part(leads.subject_id, '|', 1) = first_suppliers.supplier_code
    left join lots
        on
            leads.org_code = lots.org_code
            and leads.subject_id = lots.lot_key
    left join {{ ref('fct_rectification') }} as matters
        on
            leads.org_code = matters.org_code
            and leads.subject_id = matters.rect_id
    left join links on leads.lead_id = links.lead_id
    left join labels as sign_label
        on leads.peer_group = sign_label.code and sign_label.code_set in ('bid_sign', 'denied_what', 'interest_sign')
    left join {{ ref('dim_purchase_category') }} as categories
        on
            leads.org_code = categories.org_code
            and split_part(leads.subject_id, '|', 1) = categories.category_code
    left join {{ ref('dim_project_category') }} as project_categories
        on
            leads.org_code = project_categories.org_code
            and split_part(leads.subject_id, '|', 2) = project_categories.category_code
    left join {{ ref('dim_project') }} as projects
        on
            leads.org_code = projects.org_code
            and split_part(leads.subject_id, '|', 1) = projects.project_id
    left join {{ ref('fct_contract') }} as contracts
        on
            leads.org_code = contracts.org_code
            and split_part(leads.subject_id, '|', 1) = contracts.contract_id
    left join evidence_counts on leads.lead_id = evidence_counts.lead_id
    left join {{ ref('lead_trend') }} as trends on leads.lead_id = trends.lead_id and trends.is_lead_period
    left join labels as light_label on leads.light = light_label.code and light_label.code_set = 'light'
    left join labels as post_label on split_part(leads.subject_id, '|', 2) = post_label.code and post_label.code_set = 'post'
    left join labels as family_label on indicators.family = family_label.code and family_label.code_set = 'family'
    left join labels as kind_label on leads.kind = kind_label.code and kind_label.code_set = 'kind'
    left join labels as level_label
        on organisations.org_level = level_label.code and level_label.code_set = 'org_level'
    left join labels as type_label
        on organisations.org_type = type_label.code and type_label.code_set = 'org_type'
    left join labels as district_label
        on organisations.district_code = district_label.code and district_label.code_set = 'district'
    left join labels as subject_label
        on leads.subject_type = subject_label.code and subject_label.code_set = 'subject_type'
    left join labels as measure_label
        on leads.subject_id = measure_label.code and measure_label.code_set = 'antibacterial_measure'
    left join labels as series_label
        on split_part(leads.subject_id, '|', 2) = series_label.code and series_label.code_set = 'doctor_metric'
    left join labels as coding_label
        on split_part(leads.subject_id, '|', 2) = coding_label.code and coding_label.code_set = 'coding_measure'
    left join labels as side_label
        on split_part(leads.subject_id, '|', 2) = side_label.code and side_label.code_set = 'market_side'
    left join labels as limit_label
        on split_part(leads.subject_id, '|', 3) = limit_label.code and limit_label.code_set = 'purchase_limit'
    left join labels as method_label
        on split_part(leads.subject_id, '|', 1) = method_label.code and method_label.code_set = 'purchase_method'
    left join labels as stage_label
        on split_part(leads.subject_id, '|', 2) = stage_label.code and stage_label.code_set = 'timeline_rule'
    left join labels as question_label
        on split_part(leads.subject_id, '|', 1) = question_label.code and question_label.code_set = 'invoice_question'
    left join labels as setting_label
        on split_part(leads.subject_id, '|', 2) = setting_label.code and setting_label.code_set = 'setting'
    left join labels as cost_label
        on split_part(leads.subject_id, '|', 3) = cost_label.code and cost_label.code_set = 'cost_measure'
),

-- A label that ends in a code would run into the year that follows it in a sentence.
subjects as (
    select
        named.*,
        case
            when right(subject_label, 1) between '0' and '9' or upper(right(subject_label, 1)) between 'A' and 'Z'
                then subject_label || ' '
            else subject_label
        end as subject_in_sentence
    from named
),

with_amounts as (
    select
        subjects.*,
        {{ fill_placeholders('sentence', {}, numbers, 'money') }} as sentence_with_amounts
    from subjects
),

with_ratios as (
    select
        with_amounts.*,
        {{ fill_placeholders('sentence_with_amounts', {}, numbers, 'percent') }} as sentence_with_ratios
    from with_amounts
),

with_points as (
    select
        with_ratios.*,
        {{ fill_placeholders('sentence_with_ratios', {}, ['value'], 'points') }} as sentence_with_points
    from with_ratios
),

explained as (
    select
        with_points.*,
        {{
            fill_placeholders(
                'sentence_with_points', {'subject': 'subject_in_sentence', 'period': 'period_label', 'detail': 'detail'}, numbers
            )
        }} as explanation_zh
    from with_points
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(light as varchar(10)) as light,
        cast(light_zh as varchar(10)) as light_zh,
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(indicator_name_zh as varchar(100)) as indicator_name_zh,
        cast(indicator_name_en as varchar(100)) as indicator_name_en,
        cast(family as varchar(30)) as family,
        cast(family_zh as varchar(30)) as family_zh,
        cast(focus_area as varchar(20)) as focus_area,
        cast(org_code as varchar(12)) as org_code,
        cast(org_name as varchar(200)) as org_name,
        cast(org_level_zh as varchar(60)) as org_level_zh,
        cast(org_type_zh as varchar(60)) as org_type_zh,
        cast(district_code as varchar(6)) as district_code,
        cast(district_name as varchar(60)) as district_name,
        cast(dept_code as varchar(60)) as dept_code,
        cast(dept_label as varchar(200)) as dept_name,
        cast(subject_type as varchar(30)) as subject_type,
        cast(subject_type_zh as varchar(30)) as subject_type_zh,
        cast(subject_id as varchar(200)) as subject_id,
        cast(subject_label as varchar(500)) as subject_label,
        cast(subject_label_en as varchar(500)) as subject_label_en,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(period_month as date) as period_month,
        cast(value as numeric(18, 4)) as value,
        cast(threshold as numeric(18, 4)) as threshold,
        cast(expected as numeric(18, 4)) as expected,
        cast(limit_lower as numeric(18, 4)) as limit_lower,
        cast(limit_upper as numeric(18, 4)) as limit_upper,
        cast(deviation as numeric(18, 4)) as deviation,
        cast(peer_group as varchar(200)) as peer_group,
        cast(peer_n as integer) as peer_n,
        cast(n as integer) as n,
        cast(q_value as numeric(18, 8)) as q_value,
        cast(percentile as numeric(5, 4)) as percentile,
        cast(risk_gross as numeric(18, 2)) as risk_gross,
        cast(risk_fund as numeric(18, 2)) as risk_fund,
        cast(kind as varchar(10)) as kind,
        cast(kind_zh as varchar(30)) as kind_zh,
        cast(state as varchar(10)) as state,
        cast(explanation_zh as varchar(2000)) as explanation_zh,
        cast(legal_basis as varchar(1000)) as legal_basis,
        cast(false_positives_zh as varchar(2000)) as false_positives_zh,
        cast(evidence_rows as integer) as evidence_rows,
        cast(is_active as boolean) as is_active,
        cast(first_seen_at as date) as first_seen_at,
        cast(last_seen_at as date) as last_seen_at
    from explained
)

select * from typed
