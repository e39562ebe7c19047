-- Grain: identity DQ13 by organisation and month, by lines and by amount.
-- Rule: see upload_match, which has the departments too. Source: upload_match.
with checked as (
    select
        org_code,
        service_month as period_month,
        example_key as row_key,
        line_count,
        amount,
        outcome,
        case outcome when 'matched' then 1 = 1 when 'unmatched' then 1 = 0 end as holds
    from {{ ref('upload_match') }}
),

identity as (
    {{ identity_month('DQ13', 'his_fee', 'checked', weight='line_count', reason='outcome') }}
    union all
    {{ identity_month('DQ13', 'his_fee', 'checked', aspect='amount', weight='amount', reason='outcome') }}
)

select * from identity
