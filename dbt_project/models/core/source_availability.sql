{#- Tables with a business date, and catalogues that hold for every month once they are there. -#}
{% set dated = [
    ('his_fee', 'fct_fee_line', 'service_month'),
    ('yb_fee_list_d', 'fct_insurance_line', 'service_month'),
    ('his_rx', 'fct_prescription', 'rx_month'),
    ('his_rx_item', 'fct_prescription_line', 'rx_month'),
    ('his_outp_visit', 'stg_his__outp_visit', "cast(date_trunc('month', visit_time) as date)"),
    ('his_outp_diag', 'stg_his__outp_diag', "cast(date_trunc('month', diag_time) as date)"),
    ('his_admission', 'stg_his__admission', "cast(date_trunc('month', adm_time) as date)"),
    ('his_settle', 'stg_his__settle', 'settle_month'),
    ('pr_project', 'stg_procurement__project', "cast(date_trunc('month', notice_time) as date)"),
    ('pr_bid', 'stg_procurement__bid', "cast(date_trunc('month', bid_time) as date)"),
    ('pr_order', 'fct_purchase_line', 'order_month'),
    ('pr_receipt', 'stg_procurement__receipt', "cast(date_trunc('month', receipt_time) as date)"),
    ('yb_setl_d', 'stg_insurance__setl_d', 'setl_month'),
    ('yb_mdtrt_d', 'stg_insurance__mdtrt_d', "cast(date_trunc('month', begntime) as date)"),
] %}
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
    ('pr_vbp_quota', 'stg_procurement__vbp_quota'),
    ('ref_listed_price', 'stg_reference__listed_price'),
    ('dim_related_org', 'stg_reference__related_org'),
    ('yb_price_limit', 'stg_insurance__price_limit'),
] %}

-- Grain: one organisation, landing table and month that has rows.
-- Rule: dated tables count their rows by business month (the four large ones net); a catalogue counts in
-- every month in which any organisation has dated rows. Rows of organisation '*' hold for the region.
with dated as (
    {%- for table, relation, month in dated %}
    select
        org_code,
        '{{ table }}' as table_name,
        {{ month }} as month_start,
        count(*) as row_count
    from {{ ref(relation) }}
    group by org_code, {{ month }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

months as (
    select distinct month_start
    from dated
    where month_start is not null
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
    where month_start is not null
    union all
    select
        served.org_code,
        served.table_name,
        months.month_start,
        served.row_count
    from served
    cross join months
)

select
    org_code,
    table_name,
    month_start,
    cast(row_count as bigint) as row_count
from available
