{{ config(indexes=[{'columns': ['org_code', 'fee_id'], 'unique': true}]) }}

-- Grain: one fee line that names the operation it was billed for. The line itself is in fct_fee_line.
with named as (
    select
        org_code,
        fee_id,
        surgery_id,
        batch_id
    from {{ ref('stg_his__fee_surgery') }}
)

select * from named
