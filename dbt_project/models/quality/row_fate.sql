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
with taken_back as (
    select
        'his_fee' as table_name,
        org_code,
        coalesce(orig_fee_id, fee_id) as row_key
    from {{ ref('stg_his__fee_refund') }}
    group by org_code, coalesce(orig_fee_id, fee_id)
    having sum(qty) <= 0
    union all
    select
        'yb_fee_list_d' as table_name,
        org_code,
        coalesce(init_feedetl_sn, bkkp_sn) as row_key
    from {{ ref('stg_insurance__fee_refund') }}
    where vali_flag = '1'
    group by org_code, coalesce(init_feedetl_sn, bkkp_sn)
    having sum(qty) <= 0
    union all
    select
        'his_settle' as table_name,
        org_code,
        coalesce(orig_settle_id, settle_id) as row_key
    from {{ ref('stg_his__settle') }}
    where is_refund or settle_kind <> 'refund'
    group by org_code, coalesce(orig_settle_id, settle_id)
    having sum(total_amount) <= 0
    union all
    select distinct
        'yb_setl_d' as table_name,
        org_code,
        init_setl_id as row_key
    from {{ ref('stg_insurance__setl_d') }}
    where vali_flag = '1' and refd_setl_flag = '1' and init_setl_id is not null
),

prescribed as (
    select distinct
        org_code,
        rx_id
    from {{ ref('stg_his__rx_item') }}
),

present as (
    select
        'his_fee' as table_name,
        org_code,
        fee_id as row_key,
        fee_time as happened_at,
        service_month as period_month,
        case
            when is_reversal then 'reversal'
            when qty <= 0 then 'no_quantity'
        end as reason
    from {{ ref('stg_his__fee') }}
    union all
    select
        'yb_fee_list_d' as table_name,
        org_code,
        bkkp_sn as row_key,
        fee_ocur_time as happened_at,
        service_month as period_month,
        case
            when coalesce(vali_flag, '') <> '1' then 'invalid'
            when is_reversal then 'reversal'
            when cnt <= 0 then 'no_quantity'
        end as reason
    from {{ ref('stg_insurance__fee_list_d') }}
    union all
    select
        'his_settle' as table_name,
        org_code,
        settle_id as row_key,
        settle_time as happened_at,
        settle_month as period_month,
        case when is_refund or settle_kind = 'refund' then 'reversal' end as reason
    from {{ ref('stg_his__settle') }}
    union all
    select
        'yb_setl_d' as table_name,
        org_code,
        setl_id as row_key,
        setl_time as happened_at,
        setl_month as period_month,
        case
            when coalesce(vali_flag, '') <> '1' then 'invalid'
            when refd_setl_flag = '1' then 'reversal'
        end as reason
    from {{ ref('stg_insurance__setl_d') }}
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
        end as reason
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
        end as reason
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
        end as reason
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
        case when is_cancelled then 'invalid' end as reason
    from {{ ref('stg_his__outp_visit') }}
),

judged as (
    select
        present.table_name,
        present.org_code,
        present.row_key,
        present.happened_at,
        present.period_month,
        case
            when present.reason is not null then present.reason
            when taken_back.row_key is not null then 'taken_back'
            else 'due_in_core'
        end as fate
    from present
    left join taken_back
        on
            present.table_name = taken_back.table_name
            and present.org_code = taken_back.org_code
            and present.row_key = taken_back.row_key
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
