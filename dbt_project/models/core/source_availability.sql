{#- Catalogues hold for every month of an organisation once they are there. -#}
{% set catalogues = [
    ('his_org', 'stg_his__org'),
    ('his_dept', 'stg_his__dept'),
    ('his_staff', 'stg_his__staff'),
    ('his_drug', 'stg_his__drug'),
    ('his_material', 'stg_his__material'),
    ('his_charge_item', 'stg_his__charge_item'),
    ('his_patient', 'stg_his__patient'),
    ('pr_supplier', 'stg_procurement__supplier'),
    ('pr_lot', 'stg_procurement__lot'),
    ('pr_contract', 'stg_procurement__contract'),
    ('pr_contract_item', 'stg_procurement__contract_item'),
    ('pr_eval_score', 'stg_procurement__eval_score'),
    ('pr_invoice', 'stg_procurement__invoice'),
    ('pr_payment', 'stg_procurement__payment'),
    ('pr_threshold', 'stg_procurement__purchase_limit'),
    ('pr_vbp_quota', 'stg_procurement__vbp_quota'),
    ('ref_course_limit', 'stg_reference__course_limit'),
    ('ref_drug_limit', 'stg_reference__drug_limit'),
    ('ref_item_limit', 'stg_reference__item_limit'),
    ('ref_listed_price', 'stg_reference__listed_price'),
    ('ref_freq_limit', 'stg_reference__freq_limit'),
    ('ref_mutex_pair', 'stg_reference__mutex_pair'),
    ('ref_charge_bundle', 'stg_reference__charge_bundle'),
    ('ref_swap_pair', 'stg_reference__swap_pair'),
    ('ref_holiday', 'stg_reference__holiday'),
    ('ref_rule_version', 'stg_reference__rule_version'),
    ('ref_surgery_discount', 'stg_reference__surgery_discount'),
    ('dim_related_org', 'stg_reference__related_org'),
    ('yb_price_limit', 'stg_insurance__price_limit'),
    ('sv_visit', 'stg_supervision__visit'),
    ('sv_declaration', 'stg_supervision__declaration'),
    ('sv_post_assignment', 'stg_supervision__post_assignment'),
    ('sv_rectification', 'stg_supervision__rectification'),
    ('sv_notice', 'stg_supervision__notice'),
    ('sv_donation', 'stg_supervision__donation'),
    ('sv_interview', 'stg_supervision__interview'),
    ('pr_supplier_person', 'stg_procurement__supplier_person'),
] %}
{#- Registers with few entries hold between the first delivery of the organisation's rows and the last. -#}
{% set registers = ['pr_contract', 'pr_eval_score', 'pr_invoice', 'pr_payment', 'sv_interview', 'sv_visit'] %}

-- Grain: one organisation, landing table and month that has rows.
-- Rule: dated tables by their business months; a catalogue in every month of the organisation (core.org_month), a register
-- in those of them for which rows were delivered (core.source_span): one that is no longer delivered is missed.
-- Rows of organisation '*' hold for the region.
with dated as (
    select * from {{ ref('source_month') }}
),

catalogues as (
    {%- for table, relation in catalogues %}
    select
        org_code,
        '{{ table }}' as table_name,
        count(*) as row_count
    from {{ ref(relation) }}
    group by org_code
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

organisations as (
    select org_code from {{ ref('dim_organisation') }}
),

-- A regional catalogue row serves every organisation.
served as (
    select
        organisations.org_code,
        catalogues.table_name,
        sum(catalogues.row_count) as row_count
    from organisations
    inner join catalogues
        on
            organisations.org_code = catalogues.org_code
            or catalogues.org_code = '*'
    group by organisations.org_code, catalogues.table_name
),

available as (
    select
        org_code,
        table_name,
        month_start,
        row_count
    from dated
    union all
    select
        served.org_code,
        served.table_name,
        months.month_start,
        cast(served.row_count as bigint) as row_count
    from served
    inner join {{ ref('org_month') }} as months on served.org_code = months.org_code
    left join {{ ref('source_span') }} as spans
        on
            spans.org_code = served.org_code
            and spans.table_name = served.table_name
    where
        served.table_name not in ('{{ registers | join("', '") }}')
        or months.month_start between spans.first_month and spans.last_month
)

select * from available
