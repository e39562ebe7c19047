{#- Tables with a business date: relation and month of a row. -#}
{% set dated = [
    ('his_fee', 'fct_fee_line', 'service_month'),
    ('yb_fee_list_d', 'fct_insurance_line', 'service_month'),
    ('his_rx', 'fct_prescription', 'rx_month'),
    ('his_rx_item', 'fct_prescription_line', 'rx_month'),
    ('his_outp_visit', 'stg_his__outp_visit', "cast(date_trunc('month', visit_time) as date)"),
    ('his_outp_diag', 'stg_his__outp_diag', "cast(date_trunc('month', diag_time) as date)"),
    ('his_admission', 'stg_his__admission', "cast(date_trunc('month', adm_time) as date)"),
    ('his_adm_diag', 'fct_stay_diagnosis', 'adm_month'),
    ('his_order', 'stg_his__order', "cast(date_trunc('month', start_time) as date)"),
    ('his_order_exec', 'fct_order_execution', 'exec_month'),
    ('his_report', 'fct_report', 'exec_month'),
    ('his_nursing_day', 'fct_nursing_day', 'care_month'),
    ('his_rx_review', 'fct_rx_review', 'review_month'),
    ('his_dispense', 'fct_ward_dispense', 'dispense_month'),
    ('his_settle', 'stg_his__settle', 'settle_month'),
    ('his_access_log', 'stg_his__access_log', "cast(date_trunc('month', log_time) as date)"),
    ('pr_project', 'stg_procurement__project', "cast(date_trunc('month', notice_time) as date)"),
    ('pr_bid', 'stg_procurement__bid', "cast(date_trunc('month', bid_time) as date)"),
    ('pr_order', 'fct_purchase_line', 'order_month'),
    ('pr_receipt', 'stg_procurement__receipt', "cast(date_trunc('month', receipt_time) as date)"),
    ('pr_stock_month', 'stg_procurement__stock_month', 'month_start'),
    ('yb_sel', 'stg_insurance__sel', 'sale_month'),
    ('sv_followup', 'fct_followup', 'call_month'),
    ('sv_complaint', 'stg_supervision__complaint', "cast(date_trunc('month', received_at) as date)"),
    ('pr_stock_move', 'stg_procurement__stock_move', 'move_month'),
    ('yb_setl_d', 'stg_insurance__setl_d', 'setl_month'),
    ('yb_stmt_d', 'stg_insurance__stmt_d', "cast(date_trunc('month', stmt_begndate) as date)"),
    ('yb_drg_group', 'fct_grouped_case', 'setl_month'),
    ('yb_setl_list_diag_d', 'fct_listed_diagnosis', 'setl_month'),
    ('yb_mdtrt_d', 'stg_insurance__mdtrt_d', "cast(date_trunc('month', begntime) as date)"),
] %}

-- Grain: one organisation, landing table and month that has dated rows.
-- Rule: rows counted by business month, the four large tables net.
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

with_month as (
    select
        org_code,
        table_name,
        month_start,
        cast(row_count as bigint) as row_count
    from dated
    where month_start is not null
)

select * from with_month
