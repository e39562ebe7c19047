{{ config(indexes=[{'columns': ['lead_id', 'item_no'], 'unique': true}]) }}

{#- Numbers that a rule without peers, limits or tests does not have. -#}
{%- set absent = "'不适用'" -%}
{%- set absent_en = "'not applicable'" -%}
{#- Two families on one subject are the only way to red for what is statistical or still open. -#}
{%- set red_reason -%}
    case
        when light <> 'red' then null
        when kind = 'S' or state = '线索' then '同一对象同月有两类以上指标的线索'
        else '证据已闭合且金额达到标准，或同一对象同月有两类以上指标的线索'
    end
{%- endset -%}
{%- set red_reason_en -%}
    case
        when light <> 'red' then null
        when kind = 'S' or state = '线索' then 'Leads of two or more families on one subject in one month'
        else 'Evidence closed and amount up to the standard, or leads of two or more families on one subject in one month'
    end
{%- endset -%}
{%- set gross, fund = as_money('risk_gross'), as_money('risk_fund') -%}
{%- set lower, upper = as_plain_number('limit_lower'), as_plain_number('limit_upper') -%}
{%- set q = as_plain_number('q_value') -%}
{#-
    What is said of a lead, in the order in which it is read: section, name, SQL text, and both in English. A null is
    left out. What there is in Chinese only stands in Chinese on the English side too, and its name says it.
-#}
{%- set items = [
    ('what', '说明', 'explanation_zh', 'Explanation (in Chinese)', 'explanation_zh'),
    ('what', '灯色', "light_zh || '（' || state || '：' || case state when '疑点' then '证据已闭合' else '还需调阅资料' end || '）'",
        'Light', "light_en || case state when '疑点' then ' (finding: evidence is closed)' else ' (lead: documents must still be seen)' end"),
    ('what', '亮红灯的原因', red_reason, 'Why it is red', red_reason_en),
    ('what', '指标', "indicator_id || ' ' || indicator_name_zh || '（' || family_zh || '）'",
        'Indicator', "indicator_id || ' ' || indicator_name_en || ' (' || family_en || ')'"),
    ('what', '机构', "coalesce(org_name, org_code) || coalesce('（' || district_name || '，' || org_level_zh || '，' || org_type_zh || '）', '')",
        'Hospital', "coalesce(org_name, org_code) || coalesce(' (' || coalesce(district_en, district_name) || ', ' || org_level_en || ', ' || org_type_en || ')', '')"),
    ('what', '科室', 'dept_name', 'Department', 'dept_name'),
    ('what', '对象', "coalesce(subject_type_zh, subject_type) || '：' || subject_label",
        'Subject', "coalesce(subject_type_en, subject_type) || ': ' || subject_label_en"),
    ('what', '姓名', "case when doctor_code is not null then '凭权限在“涉及人员”页查阅' end",
        'Name', "case when doctor_code is not null then 'On the page “Staff concerned”, for entitled accounts' end"),
    ('what', '期间', as_text('period_start') ~ " || ' 至 ' || " ~ as_text('period_end'),
        'Period', as_text('period_start') ~ " || ' to ' || " ~ as_text('period_end')),
    ('what', '涉及金额', gross ~ " || ' 元'", 'Amount involved', "'CNY ' || " ~ gross),
    ('what', '其中医保基金', "coalesce(" ~ fund ~ " || ' 元', '不涉及')", 'Insurance fund in it', "coalesce('CNY ' || " ~ fund ~ ", 'none')"),
    ('what', '原始记录', as_text('evidence_rows') ~ " || ' 行'", 'Source records', as_text('evidence_rows')),
    ('what', '首次发现', as_text('first_seen_at'), 'First seen', as_text('first_seen_at')),
    ('what', '最近一次仍发现', as_text('last_seen_at'), 'Last seen', as_text('last_seen_at')),
    ('what', '是否仍成立', "case when is_active then '是' else '否：最近一次检测已不再发现' end",
        'Active', "case when is_active then 'yes' else 'no: the latest run does not find it any more' end"),
    ('what', '线索全号', 'lead_id', 'Full lead number', 'lead_id'),
    ('why', '判定方式', "kind_zh || case kind when 'S' then '：与同类或本人以往比较，统计异常本身不亮红灯' when 'R' then '：两处数据逐项相减' else '：逐条对照标准' end",
        'Method', "kind_en || case kind when 'S' then ': against peers or the own past; statistics alone never give red' when 'R' then ': one source less the other, item by item' else ': each row against a standard' end"),
    ('why', '指标值', as_plain_number('value'), 'Value of the indicator', as_plain_number('value')),
    ('why', '阈值（对指标值或偏离程度，见计算口径）', 'coalesce(' ~ as_plain_number('threshold') ~ ', ' ~ absent ~ ')',
        'Threshold (see the formula)', 'coalesce(' ~ as_plain_number('threshold') ~ ', ' ~ absent_en ~ ')'),
    ('why', '预期值（同组中位数或参照值）', 'coalesce(' ~ as_plain_number('expected') ~ ', ' ~ absent ~ ')',
        'Expected (median or reference)', 'coalesce(' ~ as_plain_number('expected') ~ ', ' ~ absent_en ~ ')'),
    ('why', '控制限（99.8%）', 'coalesce(' ~ lower ~ " || ' 至 ' || " ~ upper ~ ", '不高于 ' || " ~ upper ~ ", '不低于 ' || " ~ lower ~ ', ' ~ absent ~ ')',
        'Control limits (99.8 %)', 'coalesce(' ~ lower ~ " || ' to ' || " ~ upper ~ ", 'at most ' || " ~ upper ~ ", 'at least ' || " ~ lower ~ ', ' ~ absent_en ~ ')'),
    ('why', '偏离程度', 'coalesce(' ~ as_plain_number('deviation') ~ ', ' ~ absent ~ ')',
        'Deviation', 'coalesce(' ~ as_plain_number('deviation') ~ ', ' ~ absent_en ~ ')'),
    ('why', '样本量', "case when n = 0 then '0（没有可计的记录，见说明）' else coalesce(" ~ as_text('n') ~ ', ' ~ absent ~ ') end',
        'Number of cases', "case when n = 0 then '0 (no record counts, see the explanation)' else coalesce(" ~ as_text('n') ~ ', ' ~ absent_en ~ ') end'),
    ('why', '对照组或所见情形', 'coalesce(peer_group_zh, ' ~ absent ~ ')', 'Peer group or what was seen', 'coalesce(peer_group, ' ~ absent_en ~ ')'),
    ('why', '对照组个数', 'coalesce(' ~ as_text('peer_n') ~ ', ' ~ absent ~ ')', 'Number of peers', 'coalesce(' ~ as_text('peer_n') ~ ', ' ~ absent_en ~ ')'),
    ('why', '百分位', 'coalesce(' ~ as_percent('percentile') ~ " || case when peer_group is null then ' 的本指标同期其他对象低于本值（没有对照组）' else ' 的同组其他对象低于本值' end, " ~ absent ~ ')',
        'Percentile', 'coalesce(' ~ as_percent('percentile') ~ " || case when peer_group is null then ' of all others of this indicator and period lie below (no peer group)' else ' of the peers lie below' end, " ~ absent_en ~ ')'),
    ('why', '校正后显著性（q 值）', "coalesce(case when q_value < 0.0001 then '小于 0.0001' else " ~ q ~ ' end, ' ~ absent ~ ')',
        'Significance (corrected q)', "coalesce(case when q_value < 0.0001 then 'below 0.0001' else " ~ q ~ ' end, ' ~ absent_en ~ ')'),
    ('basis', '计算口径', 'formula_zh', 'Formula', 'formula_en'),
    ('basis', '依据', 'legal_basis', 'Basis (in Chinese)', 'legal_basis'),
    ('basis', '已排除的情形', 'guards', 'Guards', 'guards_en'),
    ('basis', '本线索触及的排除条件', "coalesce(nullif(guard_applied, ''), '无：没有触及任何排除条件')",
        'Guards that this lead touched', "coalesce(nullif(guard_applied, ''), 'none')"),
    ('basis', '可能的合理情形', 'false_positives_zh', 'Innocent explanations (in Chinese)', 'false_positives_zh'),
    ('basis', '所用数据', 'required_columns', 'Data used', 'required_columns'),
    ('basis', '规则版本', "rule_version || '（编写：' || coalesce(author, '—') || '；复核：' || coalesce(reviewer, '尚无') || '）'",
        'Rule version', "rule_version || ' (author: ' || coalesce(author, '—') || '; reviewed by: ' || coalesce(reviewer, 'nobody yet') || ')'"),
] -%}

-- Grain: one lead and one thing said of it, or one threshold that it was held against: the page of a lead, as rows.
-- Rule: numbers are those of the lead, unchanged; what its kind of rule does not have is said to be not applicable.
-- peer_group keeps its codes beside their names; in English they stand alone.
-- Source: lead_listing, lead, indicator, rule_threshold.
with labels as (
    select * from {{ ref('code_label') }}
),

departments as (
    select * from {{ ref('std_department') }}
),

listing as (
    select * from {{ ref('lead_listing') }}
),

leads as (
    select
        listing.*,
        lead.rule_version,
        lead.guard_applied,
        lead.doctor_code,
        indicators.formula_zh,
        indicators.formula_en,
        indicators.guards,
        indicators.guards_en,
        indicators.required_columns,
        indicators.author,
        indicators.reviewer,
        light_label.label_en as light_en,
        family_label.label_en as family_en,
        kind_label.label_en as kind_en,
        subject_label.label_en as subject_type_en,
        level_label.label_en as org_level_en,
        type_label.label_en as org_type_en,
        district_label.label_en as district_en,
        split_part(listing.peer_group, '|', 1) as first_part,
        split_part(listing.peer_group, '|', 2) as second_part,
        split_part(listing.peer_group, '|', 3) as third_part,
        split_part(listing.peer_group, '|', 4) as fourth_part,
        split_part(listing.peer_group, '|', 5) as fifth_part
    from listing
    inner join {{ ref('lead') }} as lead on listing.lead_id = lead.lead_id
    inner join {{ ref('indicator') }} as indicators on listing.indicator_id = indicators.indicator_id
    left join labels as light_label on listing.light = light_label.code and light_label.code_set = 'light'
    left join labels as family_label on listing.family = family_label.code and family_label.code_set = 'family'
    left join labels as kind_label on listing.kind = kind_label.code and kind_label.code_set = 'kind'
    left join labels as subject_label
        on listing.subject_type = subject_label.code and subject_label.code_set = 'subject_type'
    left join labels as level_label
        on listing.org_level_zh = level_label.label_zh and level_label.code_set = 'org_level'
    left join labels as type_label
        on listing.org_type_zh = type_label.label_zh and type_label.code_set = 'org_type'
    left join labels as district_label
        on listing.district_code = district_label.code and district_label.code_set = 'district'
),

-- One name a code, of those by which groups are told; a level comes first, then the type of hospital.
part_names as (
    select
        code,
        label_zh as name_zh,
        case code_set when 'level_group' then 1 when 'org_type' then 2 else 3 end as place
    from labels
    where
        code_set in (
            'level_group', 'org_type', 'discipline_group', 'setting', 'peer_window', 'price_reference', 'bid_sign',
            'denied_what', 'interest_sign', 'invoice_question'
        )
    union all
    select
        std_dept_code as code,
        name_zh,
        3 as place
    from departments
),

first_names as (
    select
        code,
        name_zh,
        row_number() over (partition by code order by place, name_zh) as choice
    from part_names
),

-- The second part names a type only after a level, else a discipline.
later_names as (
    select
        code,
        name_zh,
        row_number() over (partition by code order by place desc, name_zh) as choice
    from part_names
),

type_names as (
    select
        code,
        label_zh as name_zh
    from labels
    where code_set = 'org_type'
),

level_names as (
    select
        code,
        label_zh as name_zh
    from labels
    where code_set = 'level_group'
),

worded as (
    select
        leads.*,
        coalesce(first_names.name_zh, leads.first_part)
        || coalesce('·' || coalesce(
            case when level_names.code is not null then type_names.name_zh end, second_names.name_zh, nullif(leads.second_part, '')
        ), '')
        || coalesce('·' || coalesce(third_names.name_zh, nullif(leads.third_part, '')), '')
        || coalesce('·' || coalesce(fourth_names.name_zh, nullif(leads.fourth_part, '')), '')
        || coalesce('·' || coalesce(fifth_names.name_zh, nullif(leads.fifth_part, '')), '') as peer_group_words
    from leads
    left join first_names on leads.first_part = first_names.code and first_names.choice = 1
    left join level_names on leads.first_part = level_names.code
    left join type_names on leads.second_part = type_names.code
    left join later_names as second_names on leads.second_part = second_names.code and second_names.choice = 1
    left join later_names as third_names on leads.third_part = third_names.code and third_names.choice = 1
    left join later_names as fourth_names on leads.fourth_part = fourth_names.code and fourth_names.choice = 1
    left join later_names as fifth_names on leads.fifth_part = fifth_names.code and fifth_names.choice = 1
),

grouped as (
    select
        worded.*,
        case
            when peer_group_words = peer_group then peer_group
            else peer_group_words || '（' || peer_group || '）'
        end as peer_group_zh
    from worded
),

said as (
    {%- for section, name, content, name_en, content_en in items %}
    select
        lead_id,
        org_code,
        '{{ section }}' as section,
        {{ loop.index }} as item_no,
        '{{ name }}' as item_zh,
        {{ content }} as content_zh,
        '{{ name_en }}' as item_en,
        {{ content_en }} as content_en,
        is_active
    from grouped
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

held_against as (
    select
        leads.lead_id,
        leads.org_code,
        thresholds.threshold_of || '.' || thresholds.param
        || coalesce('（' || coalesce(qualifier_label.label_zh, nullif(thresholds.qualifier, '')) || '）', '') as item_zh,
        {{ as_plain_number('thresholds.value') }} || coalesce(' ' || thresholds.unit, '')
        || '；适用范围 ' || case thresholds.scope when '*' then '全部' else thresholds.scope end
        || '；' || {{ as_text('thresholds.valid_from') }} || ' 起' || coalesce('至 ' || {{ as_text('thresholds.valid_to') }}, '')
        || '；' || case when thresholds.legal_force then '法规规定' else '本系统设定' end
        || coalesce('；出处：' || thresholds.source, '')
        || '；' || coalesce('核对：' || thresholds.verified_by, '尚无人对照原文核对') as content_zh,
        thresholds.threshold_of || '.' || thresholds.param
        || coalesce(' (' || coalesce(qualifier_label.label_en, nullif(thresholds.qualifier, '')) || ')', '') as item_en,
        {{ as_plain_number('thresholds.value') }} || coalesce(' ' || thresholds.unit, '')
        || '; scope ' || case thresholds.scope when '*' then 'all' else thresholds.scope end
        || '; from ' || {{ as_text('thresholds.valid_from') }} || coalesce(' to ' || {{ as_text('thresholds.valid_to') }}, '')
        || '; ' || case when thresholds.legal_force then 'set by law' else 'set by this system' end
        || coalesce('; source: ' || thresholds.source, '')
        || '; ' || coalesce('verified by ' || thresholds.verified_by, 'not yet checked against the original') as content_en,
        leads.is_active
    from leads
    inner join {{ ref('rule_threshold') }} as thresholds
        on
            leads.indicator_id = thresholds.indicator_id
            and leads.rule_version = thresholds.rule_version
    left join labels as qualifier_label
        on
            thresholds.qualifier = qualifier_label.code
            and qualifier_label.code_set = 'threshold_qualifier'
),

thresholds_said as (
    select
        lead_id,
        org_code,
        'threshold' as section,
        {{ items | length }} + row_number() over (partition by lead_id order by item_zh, content_zh) as item_no,
        item_zh,
        content_zh,
        item_en,
        content_en,
        is_active
    from held_against
),

all_said as (
    select * from said
    where content_zh is not null
    union all
    select * from thresholds_said
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(org_code as varchar(12)) as org_code,
        cast(section as varchar(20)) as section,
        cast(item_no as integer) as item_no,
        cast(item_zh as varchar(200)) as item_zh,
        cast(content_zh as varchar(2000)) as content_zh,
        cast(item_en as varchar(200)) as item_en,
        cast(coalesce(content_en, content_zh) as varchar(2000)) as content_en,
        cast(is_active as boolean) as is_active
    from all_said
)

select * from typed
