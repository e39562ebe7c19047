-- Grain: one organisation, month, table, kind of item, item code and national code that was charged.
-- Rule: net lines; example_key is one of them. Source: core.fct_fee_line, core.fct_insurance_line.
with lines as (
    select
        'his_fee' as table_name,
        org_code,
        service_month,
        item_kind,
        item_code,
        med_list_codg,
        fee_id as row_key,
        net_amount
    from {{ ref('fct_fee_line') }}
    union all
    select
        'yb_fee_list_d' as table_name,
        org_code,
        service_month,
        'insured' as item_kind,
        {{ as_text('null') }} as item_code,
        med_list_codg,
        fee_serial as row_key,
        net_amount
    from {{ ref('fct_insurance_line') }}
),

items as (
    select
        table_name,
        org_code,
        service_month,
        item_kind,
        item_code,
        med_list_codg,
        count(*) as line_count,
        cast(sum(net_amount) as numeric(18, 2)) as amount,
        min(row_key) as example_key
    from lines
    group by table_name, org_code, service_month, item_kind, item_code, med_list_codg
)

select * from items
