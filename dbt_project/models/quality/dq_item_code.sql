-- Grain: identity DQ10 by organisation, table and month, by lines and by amount.
-- Rule: the national code of a charged line is known: in any hospital's catalogue or the insurer's limits.
-- Source: item_month, core.dim_item, core.dim_price_limit.
with known_codes as (
    select med_list_codg
    from {{ ref('dim_item') }}
    where med_list_codg is not null
    union
    select med_list_codg
    from {{ ref('dim_price_limit') }}
    where med_list_codg is not null
),

checked as (
    select
        items.table_name,
        items.org_code,
        items.service_month as period_month,
        items.example_key as row_key,
        items.line_count,
        items.amount,
        known_codes.med_list_codg is not null as holds
    from {{ ref('item_month') }} as items
    left join known_codes on items.med_list_codg = known_codes.med_list_codg
),

identity as (
    {%- for table in ['his_fee', 'yb_fee_list_d'] %}
    {{ identity_month('DQ10', table, "checked where table_name = '" ~ table ~ "'", weight='line_count') }}
    union all
    {{
        identity_month(
            'DQ10', table, "checked where table_name = '" ~ table ~ "'", aspect='amount', weight='amount',
        )
    }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from identity
