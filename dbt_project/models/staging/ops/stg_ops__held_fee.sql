-- Grain: one fee line in quarantine that nobody has decided on, by its latest version. Source: ops.quarantine.
-- Rule: what can be read of it; a quantity that is no number is null, times are as the source wrote them.
with held as (
    select
        batch_id,
        row_number,
        row_key,
        {%- for field in ['org_code', 'fee_id', 'item_kind', 'item_code', 'med_list_codg', 'unit'] %}
        nullif(trim({{ json_text('row', field) }}), '') as {{ field }},
        {%- endfor %}
        {{ json_text('row', 'qty') }} as qty_text,
        substring({{ json_text('row', 'fee_time') }}, 1, 7) as fee_month,
        substring({{ json_text('row', 'post_time') }}, 1, 7) as post_month
    from {{ source('ops', 'quarantine') }}
    where table_name = 'his_fee' and status = 'open' and {{ is_known('batch_id') }}
),

versions as (
    select
        held.*,
        row_number() over (partition by org_code, row_key order by batch_id desc, row_number desc) as version_no
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
    from versions
    where version_no = 1 and org_code is not null
)

select * from latest
