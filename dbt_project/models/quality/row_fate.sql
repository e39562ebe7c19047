{#- Table -> core's fact of it: relation, key, business date, its month. -#}
{% set facts = {
    'his_fee': ['fct_fee_line', 'fee_id', 'fee_time', 'service_month'],
    'yb_fee_list_d': ['fct_insurance_line', 'fee_serial', 'fee_time', 'service_month'],
    'his_settle': ['fct_settlement', 'settle_id', 'settle_time', 'settle_month'],
    'yb_setl_d': ['fct_insurance_settlement', 'setl_id', 'setl_time', 'setl_month'],
    'pr_order': ['fct_purchase_line', 'line_key', 'order_time', 'order_month'],
    'his_rx': ['fct_prescription', 'rx_id', 'rx_time', 'rx_month'],
    'his_rx_item': ['fct_prescription_line', 'rx_item_id', 'rx_time', 'rx_month'],
    'his_outp_visit': ['fct_outp_visit', 'visit_id', 'register_time', month_of('register_time')],
} %}

-- Grain: one table that core answers for, organisation, business month and fate of the rows that are present.
-- Rule: each row, the last version of a key that is there now, is due in core or left out for a stated reason; what is
-- due is judged here from staging and not from core. in_core is what core's fact has. Key numbers sum to the same where
-- the keys are the same, whatever their order.
-- Source: staging, core.
with fees_taken_back as (
    select
        org_code,
        coalesce(orig_fee_id, fee_id) as fee_id
    from {{ ref('stg_his__fee_refund') }}
    group by org_code, coalesce(orig_fee_id, fee_id)
    having sum(qty) <= 0
),

insurance_lines_taken_back as (
    select
        org_code,
        coalesce(init_feedetl_sn, bkkp_sn) as bkkp_sn
    from {{ ref('stg_insurance__fee_refund') }}
    where vali_flag = '1'
    group by org_code, coalesce(init_feedetl_sn, bkkp_sn)
    having sum(qty) <= 0
),

settlements_taken_back as (
    select
        org_code,
        coalesce(orig_settle_id, settle_id) as settle_id
    from {{ ref('stg_his__settle') }}
    where is_refund or settle_kind <> 'refund'
    group by org_code, coalesce(orig_settle_id, settle_id)
    having sum(total_amount) <= 0
),

insurance_settlements_taken_back as (
    select
        org_code,
        init_setl_id as setl_id
    from {{ ref('stg_insurance__setl_d') }}
    where vali_flag = '1' and refd_setl_flag = '1' and init_setl_id is not null
    group by org_code, init_setl_id
),

prescribed as (
    select distinct
        org_code,
        rx_id
    from {{ ref('stg_his__rx_item') }}
),

judged as (
    select
        'his_fee' as table_name,
        fees.org_code,
        fees.fee_id as row_key,
        fees.fee_time as happened_at,
        fees.service_month as period_month,
        case
            when fees.is_reversal then 'reversal'
            when fees.qty <= 0 then 'no_quantity'
            when fees_taken_back.fee_id is not null then 'taken_back'
            else 'due_in_core'
        end as fate
    from {{ ref('stg_his__fee') }} as fees
    left join fees_taken_back
        on
            fees.org_code = fees_taken_back.org_code
            and fees.fee_id = fees_taken_back.fee_id
    union all
    select
        'yb_fee_list_d' as table_name,
        lines.org_code,
        lines.bkkp_sn as row_key,
        lines.fee_ocur_time as happened_at,
        lines.service_month as period_month,
        case
            when coalesce(lines.vali_flag, '') <> '1' then 'invalid'
            when lines.is_reversal then 'reversal'
            when lines.cnt <= 0 then 'no_quantity'
            when insurance_lines_taken_back.bkkp_sn is not null then 'taken_back'
            else 'due_in_core'
        end as fate
    from {{ ref('stg_insurance__fee_list_d') }} as lines
    left join insurance_lines_taken_back
        on
            lines.org_code = insurance_lines_taken_back.org_code
            and lines.bkkp_sn = insurance_lines_taken_back.bkkp_sn
    union all
    select
        'his_settle' as table_name,
        settlements.org_code,
        settlements.settle_id as row_key,
        settlements.settle_time as happened_at,
        settlements.settle_month as period_month,
        case
            when settlements.is_refund or settlements.settle_kind = 'refund' then 'reversal'
            when settlements_taken_back.settle_id is not null then 'taken_back'
            else 'due_in_core'
        end as fate
    from {{ ref('stg_his__settle') }} as settlements
    left join settlements_taken_back
        on
            settlements.org_code = settlements_taken_back.org_code
            and settlements.settle_id = settlements_taken_back.settle_id
    union all
    select
        'yb_setl_d' as table_name,
        settlements.org_code,
        settlements.setl_id as row_key,
        settlements.setl_time as happened_at,
        settlements.setl_month as period_month,
        case
            when coalesce(settlements.vali_flag, '') <> '1' then 'invalid'
            when settlements.refd_setl_flag = '1' then 'reversal'
            when insurance_settlements_taken_back.setl_id is not null then 'taken_back'
            else 'due_in_core'
        end as fate
    from {{ ref('stg_insurance__setl_d') }} as settlements
    left join insurance_settlements_taken_back
        on
            settlements.org_code = insurance_settlements_taken_back.org_code
            and settlements.setl_id = insurance_settlements_taken_back.setl_id
    union all
    select
        'pr_order' as table_name,
        org_code,
        order_id || '#' || {{ as_text('line_no') }} as row_key,
        order_time as happened_at,
        order_month as period_month,
        case
            when status = 'cancelled' then 'invalid'
            when qty <= 0 then 'no_quantity'
            else 'due_in_core'
        end as fate
    from {{ ref('stg_procurement__order') }}
    union all
    select
        'his_rx' as table_name,
        prescriptions.org_code,
        prescriptions.rx_id as row_key,
        prescriptions.rx_time as happened_at,
        prescriptions.rx_month as period_month,
        case
            when prescriptions.status <> 'valid' then 'invalid'
            when prescribed.rx_id is null then 'no_line'
            else 'due_in_core'
        end as fate
    from {{ ref('stg_his__rx') }} as prescriptions
    left join prescribed
        on
            prescriptions.org_code = prescribed.org_code
            and prescriptions.rx_id = prescribed.rx_id
    union all
    select
        'his_rx_item' as table_name,
        lines.org_code,
        lines.rx_item_id as row_key,
        prescriptions.rx_time as happened_at,
        prescriptions.rx_month as period_month,
        case
            when prescriptions.rx_id is null then 'no_parent'
            when prescriptions.status <> 'valid' then 'invalid'
            else 'due_in_core'
        end as fate
    from {{ ref('stg_his__rx_item') }} as lines
    left join {{ ref('stg_his__rx') }} as prescriptions
        on
            lines.org_code = prescriptions.org_code
            and lines.rx_id = prescriptions.rx_id
    union all
    select
        'his_outp_visit' as table_name,
        org_code,
        visit_id as row_key,
        coalesce(register_time, visit_time) as happened_at,
        {{ month_of('coalesce(register_time, visit_time)') }} as period_month,
        case when is_cancelled then 'invalid' else 'due_in_core' end as fate
    from {{ ref('stg_his__outp_visit') }}
    {%- for table, fact in facts.items() %}
    union all
    select
        '{{ table }}' as table_name,
        org_code,
        {{ fact[1] }} as row_key,
        {{ fact[2] }} as happened_at,
        {{ fact[3] }} as period_month,
        'in_core' as fate
    from {{ ref(fact[0]) }}
    {%- endfor %}
),

fates as (
    select
        table_name,
        org_code,
        period_month,
        fate,
        cast(count(*) as bigint) as row_count,
        cast(sum({{ text_number('row_key') }}) as numeric(38, 0)) as key_number,
        min(happened_at) as first_at,
        max(happened_at) as last_at
    from judged
    group by table_name, org_code, period_month, fate
)

select * from fates
