-- Grain: one fee line in quarantine that nobody has decided on, by its latest version. Source: ops.quarantine.
-- Rule: what can be read of it; a quantity that is no number is null, times are as the source wrote them.
with held as (
    select
        batch_id,
        row_number,
        row_key,
        {{ adapter.quote('row') }} as document
    from {{ source('ops', 'quarantine') }}
    where table_name = 'his_fee' and status = 'open' and {{ is_known('batch_id') }}
),

read as (
    select
        batch_id,
        row_number,
        row_key,
        nullif(trim({{ json_text('document', 'org_code') }}), '') as org_code,
        nullif(trim({{ json_text('document', 'fee_id') }}), '') as fee_id,
        nullif(trim({{ json_text('document', 'item_kind') }}), '') as item_kind,
        nullif(trim({{ json_text('document', 'item_code') }}), '') as item_code,
        nullif(trim({{ json_text('document', 'med_list_codg') }}), '') as med_list_codg,
        nullif(trim({{ json_text('document', 'unit') }}), '') as unit,
        {{ json_text('document', 'qty') }} as qty_text,
        substring({{ json_text('document', 'fee_time') }}, 1, 7) as fee_month,
        substring({{ json_text('document', 'post_time') }}, 1, 7) as post_month,
        row_number() over (
            partition by {{ json_text('document', 'org_code') }}, row_key
            order by batch_id desc, row_number desc
        ) as version_no
    from held
),

latest as (
    select
        batch_id,
        row_number,
        org_code,
        fee_id,
        item_kind,
        item_code,
        med_list_codg,
        unit,
        cast(
            case when {{ matches_pattern('qty_text', "'^-?[0-9]{1,12}([.][0-9]+)?$'") }} then qty_text end as numeric(18, 4)
        ) as qty,
        fee_month,
        post_month
    from read
    where version_no = 1 and org_code is not null
)

select * from latest
