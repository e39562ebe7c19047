{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='batch_id',
        on_schema_change='fail',
    )
}}

-- Grain: one batch that every incremental fact contains; written after the last of them.
-- depends_on: {{ ref('fct_fee_line') }}
-- depends_on: {{ ref('fct_insurance_line') }}
-- depends_on: {{ ref('fct_prescription') }}
-- depends_on: {{ ref('fct_prescription_line') }}
with in_build as (
    select
        batch_id,
        table_name
    from {{ ref('stg_ops__batch_in_build') }}
)

select * from in_build
