{% set identities = [
    'dq_settlement_lines',
    'dq_line_amount',
    'dq_settlement_parts',
    'dq_time_order',
    'dq_reversal',
    'dq_stock_balance',
    'dq_item_code',
    'dq_pack_ratio',
    'dq_day_coverage',
    'dq_upload_match',
    'dq_doctor_code',
    'dq_drug_attributes',
    'dq_delivery',
    'dq_daily_statement',
    'dq_procurement_stage',
] %}
{{ config(materialized='view') }}

-- Grain: one identity, aspect, table, organisation and month with something to count; all identities together.
with results as (
    {%- for identity in identities %}
    select
        cast(identity_id as varchar(10)) as identity_id,
        cast(aspect as varchar(20)) as aspect,
        cast(table_name as varchar(40)) as table_name,
        cast(org_code as varchar(12)) as org_code,
        cast(period_month as date) as period_month,
        numerator,
        denominator,
        not_evaluable,
        cast(reason as varchar(60)) as reason,
        cast(example_key as varchar(100)) as example_key
    from {{ ref(identity) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from results
