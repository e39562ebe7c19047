{{ config(indexes=[{'columns': ['lead_id', 'item_no'], 'unique': true}]) }}

{#- Numbers that a rule without peers, limits or tests does not have. -#}
{%- set absent = "'不适用'" -%}
{#- Two families on one subject are the only way to red for what is statistical or still open. -#}
{%- set red_reason -%}
    case
        when light <> 'red' then null
        when kind = 'S' or state = '线索' then '同一对象同月有两类以上指标的线索'
        else '证据已闭合且金额达到标准，或同一对象同月有两类以上指标的线索'
    end
{%- endset -%}
{#- What is said of a lead, in the order in which it is read: section, name, SQL text. A null is left out. -#}
{%- set items = [
    ('what', '说明', 'explanation_zh'),
    ('what', '灯色', "light_zh || '（' || state || '：' || case state when '疑点' then '证据已闭合' else '还需调阅资料' end || '）'"),
    ('what', '亮红灯的原因', red_reason),
    ('what', '指标', "indicator_id || ' ' || indicator_name_zh || '（' || family_zh || '）'"),
    ('what', '机构', "coalesce(org_name, org_code) || coalesce('（' || district_name || '，' || org_level_zh || '，' || org_type_zh || '）', '')"),
    ('what', '科室', 'dept_name'),
    ('what', '对象', "coalesce(subject_type_zh, subject_type) || '：' || subject_label"),
    ('what', '姓名', "case when doctor_code is not null then '凭权限在“涉及人员”页查阅' end"),
    ('what', '期间', as_text('period_start') ~ " || ' 至 ' || " ~ as_text('period_end')),
    ('what', '涉及金额', as_money('risk_gross') ~ " || ' 元'"),
    ('what', '其中医保基金', "coalesce(" ~ as_money('risk_fund') ~ " || ' 元', '不涉及')"),
    ('what', '原始记录', as_text('evidence_rows') ~ " || ' 行'"),
    ('what', '首次发现', as_text('first_seen_at')),
    ('what', '最近一次仍发现', as_text('last_seen_at')),
    ('what', '是否仍成立', "case when is_active then '是' else '否：最近一次检测已不再发现' end"),
    ('what', '线索全号', 'lead_id'),
    ('why', '判定方式', "kind_zh || case kind when 'S' then '：与同类或本人以往比较，统计异常本身不亮红灯' when 'R' then '：两处数据逐项相减' else '：逐条对照标准' end"),
    ('why', '指标值', as_plain_number('value')),
    ('why', '阈值（对指标值或偏离程度，见计算口径）', 'coalesce(' ~ as_plain_number('threshold') ~ ', ' ~ absent ~ ')'),
    ('why', '预期值（同组中位数或参照值）', 'coalesce(' ~ as_plain_number('expected') ~ ', ' ~ absent ~ ')'),
    ('why', '控制限（99.8%）', 'coalesce(' ~ as_plain_number('limit_lower') ~ " || ' 至 ' || " ~ as_plain_number('limit_upper') ~ ', '
        ~ "'不高于 ' || " ~ as_plain_number('limit_upper') ~ ', ' ~ "'不低于 ' || " ~ as_plain_number('limit_lower') ~ ', ' ~ absent ~ ')'),
    ('why', '偏离程度', 'coalesce(' ~ as_plain_number('deviation') ~ ', ' ~ absent ~ ')'),
    ('why', '样本量', "case when n = 0 then '0（没有可计的记录，见说明）' else coalesce(" ~ as_text('n') ~ ', ' ~ absent ~ ') end'),
    ('why', '对照组或所见情形', 'coalesce(peer_group_zh, ' ~ absent ~ ')'),
    ('why', '对照组个数', 'coalesce(' ~ as_text('peer_n') ~ ', ' ~ absent ~ ')'),
    ('why', '同组百分位', 'coalesce(' ~ as_percent('percentile') ~ " || ' 的其他对象低于本值', " ~ absent ~ ')'),
    ('why', '校正后显著性（q 值）', "coalesce(case when q_value < 0.0001 then '小于 0.0001' else " ~ as_plain_number('q_value') ~ ' end, ' ~ absent ~ ')'),
    ('basis', '计算口径', 'formula_zh'),
    ('basis', '依据', 'legal_basis'),
    ('basis', '已排除的情形', 'guards'),
    ('basis', '本线索触及的排除条件', "coalesce(nullif(guard_applied, ''), '无：没有触及任何排除条件')"),
    ('basis', '可能的合理情形', 'false_positives_zh'),
    ('basis', '所用数据', 'required_columns'),
    ('basis', '规则版本', "rule_version || '（编写：' || coalesce(author, '—') || '；复核：' || coalesce(reviewer, '尚无') || '）'"),
] -%}

-- Grain: one lead and one thing said of it, or one threshold that it was held against: the page of a lead, as rows.
-- Rule: numbers are those of the lead, unchanged; what its kind of rule does not have is said to be not applicable.
-- peer_group keeps its codes beside their names. Source: lead_listing, lead, indicator, rule_threshold.
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
        indicators.guards,
        indicators.required_columns,
        indicators.author,
        indicators.reviewer,
        split_part(listing.peer_group, '|', 1) as first_part,
        split_part(listing.peer_group, '|', 2) as second_part,
        split_part(listing.peer_group, '|', 3) as third_part,
        split_part(listing.peer_group, '|', 4) as fourth_part,
        split_part(listing.peer_group, '|', 5) as fifth_part
    from listing
    inner join {{ ref('lead') }} as lead on listing.lead_id = lead.lead_id
    inner join {{ ref('indicator') }} as indicators on listing.indicator_id = indicators.indicator_id
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
    {%- for section, name, content in items %}
    select
        lead_id,
        org_code,
        '{{ section }}' as section,
        {{ loop.index }} as item_no,
        '{{ name }}' as item_zh,
        {{ content }} as content_zh,
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
        cast(is_active as boolean) as is_active
    from all_said
)

select * from typed
